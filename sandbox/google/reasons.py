"""Every refusal that the stand-in Google can give: reason, status, domain, message, as the real one words them.

A further reason is a row. `refusal` makes the answer, `Refused` carries it through the code; tests and the page of
outages ask for any of them by name (`sandbox.control`, google/refuse).
"""

import json
from dataclasses import dataclass

from django.http import HttpResponse, JsonResponse


@dataclass(frozen=True)
class Reason:
    status: int
    message: str
    domain: str = "global"


REASONS: dict[str, Reason] = {
    "invalid": Reason(400, "Invalid value"),
    "required": Reason(400, "Missing required field."),
    "timeRangeEmpty": Reason(400, "The specified time range is empty.", "calendar"),
    "authError": Reason(401, "Invalid Credentials"),
    "rateLimitExceeded": Reason(403, "Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": Reason(403, "User Rate Limit Exceeded", "usageLimits"),
    "quotaExceeded": Reason(403, "Calendar usage limits exceeded.", "usageLimits"),
    "requiredAccessLevel": Reason(403, "You need to have writer access to this calendar.", "calendar"),
    "forbidden": Reason(403, "Forbidden"),
    "insufficientPermissions": Reason(403, "Insufficient Permission: Request had insufficient authentication scopes."),
    "accessNotConfigured": Reason(
        403, "Google Calendar API has not been used in project 1 before or it is disabled.", "usageLimits"
    ),
    "forbiddenForNonOrganizer": Reason(403, "Shared properties can only be changed by the organizer.", "calendar"),
    "forbiddenForServiceAccounts": Reason(
        403, "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority.", "calendar"
    ),
    "notFound": Reason(404, "Not Found"),
    "duplicate": Reason(409, "The requested identifier already exists."),
    "conflict": Reason(409, "Conflict"),
    "deleted": Reason(410, "Resource has been deleted"),
    "fullSyncRequired": Reason(410, "Sync token is no longer valid, a full sync is required.", "calendar"),
    "updatedMinTooLongAgo": Reason(
        410, "The requested minimum modification time lies too far in the past.", "calendar"
    ),
    "conditionNotMet": Reason(412, "Precondition Failed"),
    "tooManyRequests": Reason(429, "Too Many Requests", "usageLimits"),
    "backendError": Reason(500, "Backend Error"),
    "backendUnavailable": Reason(503, "The service is currently unavailable."),
}
# What the real one calls a reason that has a row of its own here because of its status.
CALLED = {"tooManyRequests": "rateLimitExceeded", "backendUnavailable": "backendError"}


class Refused(Exception):
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
