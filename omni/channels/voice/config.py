"""The text of Asterisk's configuration files.

Rules:
1. Only what must be known before Asterisk starts stands in a file: addresses, ports, modules, the
   secret of ARI. Trunks and agents' phones come out of the database and are pushed over ARI into
   `res_sorcery_memory` after each connection (`provisioning.py`, ADR 0020), so no file ever lags
   behind the database and no reload interrupts a call.
2. SIP, HTTP and ARI listen on `bind` (loopback unless a setting says otherwise).
3. `autoload` is off: what is not listed in `MODULES` does not run.

Source: Asterisk 22, configs/samples; the table of modules was found by trial.
"""

from dataclasses import dataclass

APP = "omni"
AGENT_CONTEXT = "omni-agents"
TRUNK_CONTEXT = "omni-trunks"
TRANSPORT_UDP = "omni-udp"
TRANSPORT_WS = "omni-ws"
ARI_USER = "omni"
MUSIC_CLASS = "default"

MODULES = """
res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_crypto
res_http_websocket res_websocket_client
res_stasis res_stasis_answer res_stasis_playback res_stasis_recording res_stasis_snoop app_stasis
res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings res_ari_sounds
bridge_simple bridge_softmix bridge_holding bridge_native_rtp bridge_builtin_features
codec_ulaw codec_alaw codec_a_mu codec_g722 codec_gsm codec_resample codec_opus_open_source
res_format_attr_opus format_wav format_pcm format_gsm format_sln res_musiconhold
res_rtp_asterisk res_srtp chan_bridge_media
res_pjproject res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_nat res_pjsip_caller_id
res_pjsip_dtmf_info res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
res_pjsip_outbound_registration res_pjsip_endpoint_identifier_user
res_pjsip_endpoint_identifier_ip res_pjsip_registrar res_pjsip_path res_pjsip_pubsub
res_pjsip_refer res_pjsip_rfc3326 res_pjsip_diversion res_pjsip_header_funcs
res_pjsip_transport_websocket res_pjsip_logger res_pjsip_dlg_options res_pjsip_empty_info
res_pjsip_messaging chan_pjsip
pbx_config app_amd res_tonedetect app_dial app_echo app_playback app_playtones app_verbose
app_talkdetect
app_waitforsilence app_senddtmf app_stack app_read app_exec
func_callerid func_channel func_hangupcause func_logic func_strings func_rand func_math
func_talkdetect func_volume func_cut func_groupcount func_timeout
""".split()  # noqa: SIM905 - a list of words is easier to read and to edit


# What Asterisk's parts tell each other and nobody here listens to. Half of what is said of a call
# are its variables; each such message costs, also when ARI's filter drops it in the end.
_UNHEARD = """
ast_channel_varset_type ast_channel_moh_start_type ast_channel_moh_stop_type
ast_channel_monitor_start_type ast_channel_monitor_stop_type ast_channel_mixmonitor_start_type
ast_channel_mixmonitor_stop_type ast_channel_mixmonitor_mute_type
ast_channel_chanspy_start_type ast_channel_chanspy_stop_type ast_channel_fax_type
ast_channel_agent_login_type ast_channel_agent_logoff_type
ast_rtp_rtcp_sent_type ast_rtp_rtcp_received_type ast_mwi_state_type ast_presence_state_message_type
ast_device_state_message_type cel_generic_type ast_security_event_type
""".split()  # noqa: SIM905 - as above


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """Where one Asterisk listens.

    `bind`: address of SIP, HTTP and ARI. `media_address`: the address told to trunks and phones
    for audio ("" leaves it to Asterisk). `rtp_first`…`rtp_last`: two ports per channel bound the
    number of channels. `ari_secret`: at least 16 random characters.
    """

    ari_secret: str
    http_port: int
    sip_port: int
    bind: str = "127.0.0.1"
    media_address: str = ""
    rtp_first: int = 20000
    rtp_last: int = 23999
    stun_server: str = ""

    @property
    def ari_url(self) -> str:
        """Return the address of ARI on this machine."""
        return f"http://{self.bind}:{self.http_port}/ari"


def render(settings: SwitchSettings) -> dict[str, str]:
    """Return the configuration files, name → text, of the switch."""
    return {
        **quiet_files(),
        "modules.conf": modules(MODULES),
        "http.conf": http(settings.bind, settings.http_port),
        "ari.conf": ari(ARI_USER, settings.ari_secret),
        "rtp.conf": _rtp(settings),
        "sorcery.conf": _SORCERY,
        "pjsip.conf": _pjsip(settings),
        "extensions.conf": _EXTENSIONS,
        "musiconhold.conf": f"[{MUSIC_CLASS}]\nmode = files\ndirectory = moh\nsort = random\n",
        "amd.conf": _AMD,
    }


def quiet_files() -> dict[str, str]:
    """Return the files that Asterisk wants to see although we use nothing of them."""
    names = ("acl", "ccss", "features", "udptl", "websocket_client", "pjproject")
    return {
        "stasis.conf": "[declined_message_types]\n" + "".join(f"decline = {n}\n" for n in _UNHEARD),
        **{f"{name}.conf": "" for name in names},
        **{f"{name}.conf": "[general]\nenable = no\n" for name in ("cdr", "cel")},
        "manager.conf": "[general]\nenabled = no\n",
        "indications.conf": _INDICATIONS,
        "logger.conf": (
            "[general]\ndateformat = %F %T.%3q\n[logfiles]\nconsole => notice,warning,error\n"
        ),
    }


def modules(names: list[str]) -> str:
    """Return `modules.conf` that loads exactly these."""
    return "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in names)


def http(bind: str, port: int) -> str:
    """Return `http.conf`."""
    return (
        f"[general]\nenabled = yes\nbindaddr = {bind}\nbindport = {port}\n"
        "sessionlimit = 2000\nsession_keep_alive = 15000\nsession_inactivity = 30000\n"
    )


def ari(user: str, secret: str) -> str:
    """Return `ari.conf` with one user."""
    return (
        "[general]\nenabled = yes\npretty = no\nwebsocket_write_timeout = 1000\n"
        "channelvars = OMNI_LEG\n"
        f"[{user}]\ntype = user\nread_only = no\npassword = {secret}\n"
    )


def _rtp(settings: SwitchSettings) -> str:
    stun = f"stunaddr = {settings.stun_server}\n" if settings.stun_server else ""
    return (
        f"[general]\nrtpstart = {settings.rtp_first}\nrtpend = {settings.rtp_last}\n"
        f"icesupport = yes\nstrictrtp = yes\n{stun}"
    )


def _pjsip(settings: SwitchSettings) -> str:
    return f"""[global]
type = global
user_agent = omni
keep_alive_interval = 30
endpoint_identifier_order = username,ip

[system]
type = system
timer_t1 = 500
timer_b = 32000
threadpool_initial_size = 8
threadpool_auto_increment = 5
threadpool_max_size = 50

[{TRANSPORT_UDP}]
type = transport
protocol = udp
bind = {settings.bind}:{settings.sip_port}

[{TRANSPORT_WS}]
type = transport
protocol = ws
; the bind is ignored: WebSocket rides on the port of http.conf
bind = {settings.bind}
"""


_SORCERY = """[res_pjsip]
endpoint = memory
auth = memory
aor = memory
contact = astdb,registrar
[res_pjsip_endpoint_identifier_ip]
identify = memory
[res_pjsip_outbound_registration]
registration = memory
"""

_EXTENSIONS = f"""[general]
static = yes
writeprotect = yes

[{TRUNK_CONTEXT}]
exten => _[+0-9a-zA-Z].,1,Stasis({APP},inbound,${{EXTEN}},${{CHANNEL(endpoint)}})
 same => n,Hangup()

; phones of agents place no calls of their own: the page asks the API
[{AGENT_CONTEXT}]
exten => _X.,1,Hangup(21)

; an answered leg is sent here for answering-machine detection and comes back into the application;
; a fax answers with 2100 Hz (ITU-T T.30, CED)
[amd]
exten => s,1,Set(TONE_DETECT(2100,400,erg(amd,fax,1))=)
 same => n,AMD()
 same => n,Set(TONE_DETECT(0,,x)=)
 same => n,Stasis({APP},amd,${{AMDSTATUS}},${{AMDCAUSE}})
 same => n,Hangup()
exten => fax,1,Stasis({APP},amd,FAX)
 same => n,Hangup()

; a machine's greeting ends in silence, after the beep: then it records. A beep that comes later is
; told as speech, and the message begins anew
[beep]
exten => s,1,WaitForSilence(1200,1,60)
 same => n,Set(TALK_DETECT(set)=400,256)
 same => n,Stasis({APP},beep)
 same => n,Hangup()
"""

_AMD = """[general]
total_analysis_time = 5000
silence_threshold = 256
initial_silence = 2500
after_greeting_silence = 800
greeting = 1500
min_word_length = 100
maximum_word_length = 5000
between_words_silence = 50
maximum_number_of_words = 4
"""

# Tones of two countries are enough: our dialplan plays them only in tests and the demo.
_INDICATIONS = """[general]
country = us
[us]
description = United States
ringcadence = 2000,4000
dial = 350+440
busy = 480+620/500,0/500
ring = 440+480/2000,0/4000
congestion = 480+620/250,0/250
callwaiting = 440/300,0/10000
dialrecall = !350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440
record = 1400/500,0/15000
info = !950/330,!1400/330,!1800/330,0
stutter = 350+440
[cn]
description = China
ringcadence = 1000,4000
dial = 450
busy = 450/350,0/350
ring = 450/1000,0/4000
congestion = 450/700,0/700
callwaiting = 450/400,0/4000
dialrecall = 450
record = 950/400,0/10000
info = !950/330,!1400/330,!1800/330,0
stutter = 450+425
"""
