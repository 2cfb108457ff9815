"""TLS with mail servers: whom to trust, and what went wrong as a code that an administrator reads.

Rules: a certificate is always checked against the server's name; trust is the machine's own list
and, where the site has a certificate authority of its own, that one too (setting `mail_ca`). There
is no way to switch the check off: a site that cannot have a certificate says `none` and knows that
it writes in the clear.
"""

import ssl
from pathlib import Path

# X509_V_ERR_… of OpenSSL's x509_vfy.h
_DATES = (9, 10)  # not valid yet, expired
_UNKNOWN = (18, 19, 20, 21)  # signed by itself, or by nobody who is trusted
_NAME = (62, 64)  # for another host name or address


def trust(authority: Path | None = None) -> ssl.SSLContext:
    """Return whom connections trust: the machine's list and the certificates of a PEM file.

    Raises:
        OSError, ssl.SSLError: the file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context()
    if authority is not None:
        context.load_verify_locations(cafile=authority)
    return context


def fault_code(fault: BaseException) -> str:
    """Return the code of what a failed connection to a mail server died of."""
    seen: BaseException | None = fault
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__  # libraries wrap it in errors of their own
    if isinstance(seen, ssl.SSLCertVerificationError):
        return _certificate(seen.verify_code)
    return "mail.unreachable" if seen is None else "mail.tls_failed"


def _certificate(verify_code: int) -> str:
    if verify_code in _DATES:
        return "mail.certificate_dates"
    if verify_code in _NAME:
        return "mail.certificate_name"
    return "mail.certificate_unknown" if verify_code in _UNKNOWN else "mail.certificate_refused"
