"""What the lists of the admin are measured against: a bare list of the theme, 25 rows of a plain model.

It runs in the same project, behind the same middleware, with the same menu around it.
"""

from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.urls import path
from unfold.admin import ModelAdmin

from advosync_project.urls import urlpatterns as own


class BareList(ModelAdmin):
    list_display = ("name", "codename")
    list_per_page = 25


site.register(Permission, BareList)
urlpatterns = [path("admin/", site.urls), *own]
