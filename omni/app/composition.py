"""What omni is made of: every service built once, handed what it needs.

Nothing runs here; `omni.app.bootstrap` starts things in order, `omni.app.wiring` connects them.
"""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from omni.acd.administration import Administration
from omni.acd.service import Acd
from omni.acd.store import PostgresAcdStore
from omni.app.auth import Accounts
from omni.app.bus import JournalBus
from omni.app.desk import DeskView
from omni.app.jobs import ArqJobs
from omni.app.journal import PostgresJournal
from omni.app.keys import KeyRing, key_ring
from omni.app.laboratory import ProcessLaboratory
from omni.app.live import LiveHub
from omni.app.settings import Settings
from omni.app.switchboard import Switchboard
from omni.app.telephone import VoiceTelephone
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.app.timeline import TicketTimeline
from omni.app.uses import AnnouncementUses, AnswerUses
from omni.channels.chat.gateway import RandomTokens, WidgetGateway
from omni.channels.chat.service import ChatParts, Chats
from omni.channels.chat.store import PostgresChatStore
from omni.channels.email.answer_store import AnswerTable
from omni.channels.email.gateway.html import Nh3Cleaner
from omni.channels.email.gateway.imap import ImapPost
from omni.channels.email.gateway.smtp import SmtpCourier
from omni.channels.email.gateway.templates import JinjaTemplates
from omni.channels.email.gateway.tls import trust
from omni.channels.email.service.email import Email
from omni.channels.email.service.email import Ports as EmailPorts
from omni.channels.email.store import PostgresMailStore
from omni.channels.voice.announcement_store import AnnouncementTable
from omni.channels.voice.announcements import AnnouncementParts, Announcements
from omni.channels.voice.engine.state import Rules
from omni.channels.voice.execution import Parts as VoiceParts
from omni.channels.voice.service import VoiceService
from omni.channels.voice.siplink import SipLink
from omni.channels.voice.sound_files import SoundFiles, SoundFolder
from omni.channels.voice.store import PostgresVoiceStore, RecordingFolder
from omni.core.clock import Clock, Identities
from omni.core.ids import AgentId, InteractionId
from omni.customers.service import Customers
from omni.customers.service import Parts as CustomerParts
from omni.customers.store import PostgresCustomerStore
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.attempts import AttemptParts, Attempts
from omni.dialer.by_hand import ByHand, ByHandParts
from omni.dialer.callbacks import Callbacks
from omni.dialer.contact_store import ContactTable
from omni.dialer.detection import Detection
from omni.dialer.dialing import Dialing, DialingParts
from omni.dialer.do_not_call import DoNotCallList
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.holidays import Holidays
from omni.dialer.import_store import ImportTable
from omni.dialer.imports import ImportParts, Imports
from omni.dialer.list_plans import Arranging, ListPlans
from omni.dialer.list_store import ListTable
from omni.dialer.mapping_store import MappingTable
from omni.dialer.mappings import Mappings
from omni.dialer.service import CampaignParts, Campaigns
from omni.dialer.store import CampaignTable, HolidayTable
from omni.dialer.trials import Trials
from omni.dialer.uploads import FolderUploads
from omni.supervisor.engine.floor import FloorView
from omni.supervisor.service import Reports
from omni.supervisor.spreadsheet import ExcelFiles
from omni.supervisor.store import PostgresAttemptFacts
from omni.tickets.intake import Intake, IntakeParts
from omni.tickets.service import Tickets
from omni.tickets.store import PostgresTicketStore


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything stands on."""

    settings: Settings
    clock: Clock
    identities: Identities
    journal: PostgresJournal
    bus: JournalBus
    seal: KeyRing


@dataclass(frozen=True, slots=True)
class Omni:
    """All services of one process."""

    foundation: Foundation
    switchboard: Switchboard
    accounts: Accounts
    acd: Acd
    administration: Administration
    customers: Customers
    intake: Intake
    tickets: Tickets
    campaigns: Campaigns
    imports: Imports
    list_plans: ListPlans
    mappings: Mappings
    do_not_call: DoNotCallList
    holidays: Holidays
    callbacks: Callbacks
    by_hand: ByHand
    trials: Trials
    detection: Detection
    dialing: Dialing
    laboratory: ProcessLaboratory
    jobs: ArqJobs
    voice: VoiceService
    announcements: Announcements
    phones: SipLink
    recordings: RecordingFolder
    chats: Chats
    widget: WidgetGateway
    email: Email
    reports: Reports
    floor: FloorView
    desk: DeskView
    hub: LiveHub


class DeskHints:
    """`omni.channels.chat.ports.Desks`: tells an agent's page that a visitor is typing."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub

    def visitor_typing(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        self._hub.hint(f"desk:{agent_id}", {"typing": interaction_id})


def foundation(settings: Settings) -> Foundation:
    """Build the clock, ids, journal, bus and keys.

    Raises:
        Unavailable: as `keys.key_ring`.
    """
    clock = SystemClock()
    journal = PostgresJournal(clock)
    return Foundation(
        settings, clock, RandomIdentities(), journal, JournalBus(journal), key_ring(settings)
    )


def list_imports(base: Foundation, jobs: ArqJobs) -> Imports:
    """Build what takes contact lists in; also a process that does nothing else has it."""
    uploads = FolderUploads(base.settings.data / "uploads")
    return Imports(
        ImportParts(
            base.journal,
            base.clock,
            base.identities,
            CampaignTable(),
            ImportTable(),
            uploads,
            jobs,
        )
    )


def arranging(base: Foundation) -> Arranging:
    """Build what puts list plans into effect; also a process that does nothing else has it."""
    return Arranging(CampaignTable(), ListTable(), base.journal)


def campaign_trials(base: Foundation, laboratory: ProcessLaboratory) -> Trials:
    """Build what tries campaigns out; for a process that does nothing else."""
    clock, identities, journal = base.clock, base.identities, base.journal
    campaigns = Campaigns(
        CampaignParts(
            CampaignTable(),
            ContactTable(),
            AttemptTable(),
            journal,
            clock,
            identities,
            Holidays(HolidayTable(), journal, identities),
            ListTable(),
        )
    )
    return Trials(campaigns, AttemptTable(), laboratory, clock)


def compose(base: Foundation, switchboard: Switchboard) -> Omni:
    """Build every service."""
    clock, identities, journal, bus = base.clock, base.identities, base.journal, base.bus
    settings = base.settings
    zone = ZoneInfo(settings.time_zone)
    acd_store = PostgresAcdStore()
    acd = Acd(journal, acd_store, clock)
    ticket_store = PostgresTicketStore()
    timeline = TicketTimeline(ticket_store)
    contacts, campaign_table = ContactTable(), CampaignTable()
    uploads = FolderUploads(settings.data / "uploads")
    jobs = ArqJobs(settings.redis())
    recordings = RecordingFolder(settings.recordings, clock)
    voice = VoiceService(
        VoiceParts(switchboard.switch, PostgresVoiceStore(clock, base.seal), journal, acd, clock),
        identities,
        recordings,
        Rules(record=settings.record_calls),
    )
    announcements = Announcements(
        AnnouncementParts(
            AnnouncementTable(),
            SoundFiles(),
            SoundFolder(settings.announcements),
            journal,
            identities,
        ),
        voice.repertoire,
    )
    administration = Administration(acd, acd_store)
    laboratory = ProcessLaboratory()
    holidays = Holidays(HolidayTable(), journal, identities)
    campaigns = Campaigns(
        CampaignParts(
            campaign_table,
            contacts,
            AttemptTable(),
            journal,
            clock,
            identities,
            holidays,
            ListTable(),
        )
    )
    announcements.uses = AnnouncementUses(acd, campaigns)
    campaigns.can_be_said = administration.can_be_said = announcements.knows
    by_hand = ByHand(
        ByHandParts(campaigns, contacts, ImportTable(), journal, clock, identities, acd)
    )
    telephone = VoiceTelephone(voice, announcements, acd)
    dialing = _dialing(base, campaigns, by_hand, telephone, acd)
    trials = Trials(campaigns, AttemptTable(), laboratory, clock)
    trials.habits = dialing.habits_of
    desk, floor = DeskView(), FloorView(zone)
    hub = LiveHub([desk, floor])
    chats = Chats(
        ChatParts(
            PostgresChatStore(), journal, acd, DeskHints(hub), RandomTokens(), clock, identities
        )
    )
    trusted = trust(settings.mail_ca)
    email = Email(
        EmailPorts(
            PostgresMailStore(base.seal),
            journal,
            acd,
            ImapPost(trusted),
            SmtpCourier(trusted),
            Nh3Cleaner(),
            clock,
            identities,
            bus,
            AnswerTable(),
            JinjaTemplates(),
        )
    )
    email.answers.uses, administration.can_be_answered = AnswerUses(acd), email.answers.knows
    session_life = timedelta(hours=settings.session_hours)
    return Omni(
        foundation=base,
        switchboard=switchboard,
        accounts=Accounts(clock, identities, PasswordHasher(), session_life),
        acd=acd,
        administration=administration,
        customers=Customers(
            CustomerParts(PostgresCustomerStore(), timeline, journal, bus, identities)
        ),
        intake=Intake(IntakeParts(ticket_store, bus, identities)),
        tickets=Tickets(ticket_store, journal, clock, identities),
        campaigns=campaigns,
        imports=list_imports(base, jobs),
        mappings=Mappings(MappingTable(), journal, clock, identities),
        list_plans=ListPlans(campaigns, ListTable(), ImportTable(), jobs),
        do_not_call=DoNotCallList(DoNotCallTable(), uploads, journal, clock, identities),
        holidays=holidays,
        trials=trials,
        detection=Detection(campaigns, AttemptTable()),
        by_hand=by_hand,
        callbacks=Callbacks(contacts, AttemptTable(), journal, clock),
        laboratory=laboratory,
        dialing=dialing,
        jobs=jobs,
        voice=voice,
        announcements=announcements,
        phones=SipLink(voice, switchboard.address.phones),
        recordings=recordings,
        chats=chats,
        widget=WidgetGateway(chats, clock),
        email=email,
        reports=Reports(PostgresAttemptFacts(settings.time_zone), ExcelFiles(), clock, zone),
        floor=floor,
        desk=desk,
        hub=hub,
    )


def _dialing(
    base: Foundation, campaigns: Campaigns, by_hand: ByHand, telephone: VoiceTelephone, acd: Acd
) -> Dialing:
    clock, identities, journal = base.clock, base.identities, base.journal
    attempts, contacts = AttemptTable(), ContactTable()
    ends = Attempts(
        AttemptParts(
            attempts,
            contacts,
            CampaignTable(),
            DoNotCallTable(),
            telephone,
            acd,
            journal,
            base.bus,
            clock,
            identities,
            ListTable(),
        )
    )
    return Dialing(
        DialingParts(
            campaigns,
            contacts,
            attempts,
            ends,
            by_hand,
            telephone,
            acd,
            journal,
            clock,
            identities,
            ZoneInfo(base.settings.time_zone),
            DoNotCallTable(),
            ListTable(),
        )
    )
