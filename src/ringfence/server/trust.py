"""What other devices need to trust this server's own certificate authority: a page over plain HTTP, and words.
Not here: the certificates (local_tls)."""

from collections.abc import Sequence
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

CERTIFICATE = "/ringfence-ca.crt"
STEPS = (
    (
        "Windows",
        "Open the file, Install Certificate, Local Machine, and put it into Trusted Root Certification Authorities.",
    ),
    ("macOS", "Open the file: Keychain Access keeps it. Open it there, and under Trust choose Always Trust for SSL."),
    (
        "iPhone, iPad",
        "Open this page in Safari and allow the download. Settings, Profile Downloaded, Install; then Settings, "
        "General, About, Certificate Trust Settings: turn it on.",
    ),
    ("Android", "Settings, Security, More, Encryption and credentials, Install a certificate, CA certificate."),
    (
        "Linux",
        "Copy the file to /usr/local/share/ca-certificates/ and run update-ca-certificates; Chromium: Settings, "
        "Privacy and security, Security, Manage certificates, Authorities, Import.",
    ),
    (
        "Firefox",
        "On every system: Settings, Privacy & Security, View Certificates, Authorities, Import; trust it for websites.",
    ),
)
WARNING = (
    "A device that trusts this authority believes it for every site. Its key is on the server alone; "
    "take the authority off the device when you no longer meet on this server."
)
STYLE = (
    ":root{color-scheme:light dark;background:Canvas}"
    "body{font:16px/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "code{overflow-wrap:anywhere}a{display:inline-block;padding:.7rem 0;overflow-wrap:anywhere}"
)


def words(url: str, page: str, fingerprint: str, names: Sequence[str]) -> str:
    """For whoever starts the server."""
    return (
        f"Meetings on this network: open {url} (the certificate is for {', '.join(names)}).\n"
        f"Each other device has to trust this server once: open {page} on it and do what is said there.\n"
        f"Compare the fingerprint on the device with this one: SHA-256 {fingerprint}"
    )


def app(url: str, fingerprint: str, authority: bytes) -> Starlette:
    steps = "".join(f"<dt>{escape(system)}</dt><dd>{escape(how)}</dd>" for system, how in STEPS)
    page = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Trust this Ringfence server</title>
<link rel="stylesheet" href="/style.css"><main><h1>Trust this Ringfence server</h1>
<ol><li><p><a href="{CERTIFICATE}">Fetch the certificate of its authority</a>.</p></li>
<li><p>Before you install it, compare its SHA-256 fingerprint with the one that the server prints when it starts, on its
own screen or by telephone. Somebody on this network could have changed this page.</p>
<p><code>{fingerprint}</code></p></li>
<li><p>Install it:</p><dl>{steps}</dl></li>
<li><p>Open <a href="{escape(url)}">{escape(url)}</a>.</p></li></ol><p>{WARNING}</p></main></html>"""
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    async def guide(request: Request) -> Response:
        return HTMLResponse(page, headers=headers)

    async def style(request: Request) -> Response:
        return Response(STYLE, headers=headers, media_type="text/css")

    async def certificate(request: Request) -> Response:
        return Response(authority, headers=headers, media_type="application/x-x509-ca-cert")

    return Starlette(routes=[Route("/", guide), Route("/style.css", style), Route(CERTIFICATE, certificate)])
