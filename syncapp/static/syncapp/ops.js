/* Small things that need a script; everything on these pages works without it, only less smoothly. */

// RQ's own pages are written for Django's plain admin: ops.css dresses them for this one.
if (location.pathname.includes("/django_rq/")) document.documentElement.classList.add("ops-rq");
