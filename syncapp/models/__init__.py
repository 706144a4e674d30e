"""What must survive: the record, the inbox, the history, the switches; each model by its own name."""

from syncapp.models.alert import Alert
from syncapp.models.background import BackfillRun, Export, ExportPart, ExportState
from syncapp.models.calendars.history import AppointmentChange, AppointmentConflict, CalendarPass, CalendarStatusChange
from syncapp.models.calendars.rows import (
    Appointment,
    AppointmentSearchText,
    CalendarEmployee,
    CalendarMode,
    KindChoice,
    PairStatusChoice,
    SideChoice,
)
from syncapp.models.casework import BulkAction, BulkState, Case, HourFigures, SavedView, SearchText, Snooze
from syncapp.models.child_list import ChildCase, ChildKind, ChildLink
from syncapp.models.contact import ContactLink
from syncapp.models.control import (
    Breaker,
    Control,
    Counter,
    FailingJob,
    Guard,
    GuardCount,
    Heartbeat,
    Mode,
    ProcessSign,
    QueuePause,
    RemoteFact,
)
from syncapp.models.drift import DriftReport, DriftRow
from syncapp.models.history import (
    Attempt,
    Conflict,
    DeletionTask,
    FieldChange,
    Notice,
    OperatorLog,
    Outcome,
    StatusChange,
    Sweep,
)
from syncapp.models.inbox import EventChoice, InboxElement, Result
from syncapp.models.leased_row import LeasedRow, StatusChoice
from syncapp.models.people.account import UserAccount
from syncapp.models.proxy import CallOutcome, KeptAnswer, ProxyCall, ProxyKey
from syncapp.models.record import RecordCount, SyncRecord
