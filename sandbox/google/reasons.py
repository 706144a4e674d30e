"""Every refusal that the stand-in Google can give: reason, status, domain, message, as the real one words them.

A further reason is a row. `refusal` makes the answer, `Refused` carries it through the code; tests and the page of
outages ask for any of them by name (`sandbox.control`, google/refuse).
"""

import json
from dataclasses import dataclass

from django.http import HttpResponse, JsonResponse


@dataclass(frozen=True)
class GoogleReason:
    status: int
    message: str
    domain: str = "global"


REASONS: dict[str, GoogleReason] = {
    "invalid": GoogleReason(400, "Invalid value"),
    "required": GoogleReason(400, "Missing required field."),
    "timeRangeEmpty": GoogleReason(400, "The specified time range is empty.", "calendar"),
    "authError": GoogleReason(401, "Invalid Credentials"),
    "rateLimitExceeded": GoogleReason(403, "Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": GoogleReason(403, "User Rate Limit Exceeded", "usageLimits"),
    "quotaExceeded": GoogleReason(403, "Calendar usage limits exceeded.", "usageLimits"),
    "requiredAccessLevel": GoogleReason(403, "You need to have writer access to this calendar.", "calendar"),
    "forbidden": GoogleReason(403, "Forbidden"),
    "insufficientPermissions": GoogleReason(
        403, "Insufficient Permission: Request had insufficient authentication scopes."
    ),
    "accessNotConfigured": GoogleReason(
        403, "Google Calendar API has not been used in project 1 before or it is disabled.", "usageLimits"
    ),
    "forbiddenForNonOrganizer": GoogleReason(
        403, "Shared properties can only be changed by the organizer.", "calendar"
    ),
    "forbiddenForServiceAccounts": GoogleReason(
        403, "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority.", "calendar"
    ),
    "notFound": GoogleReason(404, "Not Found"),
    "duplicate": GoogleReason(409, "The requested identifier already exists."),
    "conflict": GoogleReason(409, "Conflict"),
    "deleted": GoogleReason(410, "Resource has been deleted"),
    "fullSyncRequired": GoogleReason(410, "Sync token is no longer valid, a full sync is required.", "calendar"),
    "updatedMinTooLongAgo": GoogleReason(
        410, "The requested minimum modification time lies too far in the past.", "calendar"
    ),
    "conditionNotMet": GoogleReason(412, "Precondition Failed"),
    "tooManyRequests": GoogleReason(429, "Too Many Requests", "usageLimits"),
    "backendError": GoogleReason(500, "Backend Error"),
    "backendUnavailable": GoogleReason(503, "The service is currently unavailable."),
}
# What the real one calls a reason that has a row of its own here because of its status.
CALLED = {"tooManyRequests": "rateLimitExceeded", "backendUnavailable": "backendError"}


class GoogleRefusal(Exception):
    """A request that is not carried out. `location`: which field or parameter."""

    def __init__(self, reason: str, location: str = "", message: str = "") -> None:
        super().__init__(reason)
        self.reason, self.location, self.message = reason, location, message

    def answer(self) -> HttpResponse:
        body = body_of(self.reason, location=self.location, message=self.message)
        return JsonResponse(body, status=REASONS[self.reason].status)


def body_of(reason: str, *, location: str = "", message: str = "") -> dict[str, object]:
    row = REASONS[reason]
    said = message or row.message
    error: dict[str, object] = {"domain": row.domain, "reason": CALLED.get(reason, reason), "message": said}
    if location:
        error |= {"location": location, "locationType": "parameter"}
    return {"error": {"code": row.status, "message": said, "errors": [error]}}


def fault_of(reason: str) -> dict[str, object]:
    """The same refusal as a fault on demand (`sandbox.faults`)."""
    return {"fault": "status", "status": REASONS[reason].status, "body": json.dumps(body_of(reason))}
