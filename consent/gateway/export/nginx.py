"""nginx' configuration: `auth_request` asks the portal about each call. Pure.

nginx relays only 401 and 403 of the subrequest and none of its body, so the portal answers with
these and says the true status and reason in headers; the named locations turn them into problem
details. When the portal cannot answer, the call is refused.
"""

from __future__ import annotations

import os
from pathlib import Path

# Answers that nginx cannot relay by itself, as the portal names them in X-Portal-Status.
_STATUSES = (400, 401, 403, 404, 410, 429, 503)
_UPSTREAM_HEADERS = {
    "X-Portal-Client": "$portal_client",
    "X-Portal-Organization": "$portal_organization",
    "X-Portal-Subject": "$portal_subject",
    "X-Portal-Arrangement": "$portal_arrangement",
    "X-Portal-Scopes": "$portal_scopes",
    "X-Allowed-Fields": "$portal_fields",
    "X-Allowed-Resources": "$portal_resources",
    "X-Portal-Details": "$portal_details",
    "X-Portal-History-From": "$portal_history",
    "X-Portal-Ticket": "$portal_ticket",
    "X-Request-Id": "$request_id",
    # What the client sent under these names must not reach the API.
    "Authorization": '""',
    "DPoP": '""',
}
_CLIENT_HEADERS = {
    "RateLimit": "$portal_rate",
    "RateLimit-Policy": "$portal_rate_policy",
    "Deprecation": "$portal_deprecation",
    "Sunset": "$portal_sunset",
    "Link": "$portal_link",
    "X-Request-Id": "$request_id",
}
_VARIABLES = {
    "portal_status": "x_portal_status",
    "portal_reason": "x_portal_reason",
    "portal_title": "x_portal_title",
    "portal_challenge": "x_portal_challenge",
    "portal_retry": "retry_after",
    "portal_client": "x_portal_client",
    "portal_organization": "x_portal_organization",
    "portal_subject": "x_portal_subject",
    "portal_arrangement": "x_portal_arrangement",
    "portal_scopes": "x_portal_scopes",
    "portal_fields": "x_allowed_fields",
    "portal_resources": "x_allowed_resources",
    "portal_details": "x_portal_details",
    "portal_history": "x_portal_history_from",
    "portal_ticket": "x_portal_ticket",
    "portal_rate": "ratelimit",
    "portal_rate_policy": "ratelimit_policy",
    "portal_deprecation": "deprecation",
    "portal_sunset": "sunset",
    "portal_link": "link",
}


def server_block(
    *, listen: str, portal: str, gateway_key: str, logs: str = "/var/log/nginx"
) -> str:
    """Return the `server` that answers calls at `listen` by asking the portal at `portal`.

    Its access log holds neither a query, where a client may put a token or a person's words, nor a
    token in a path. The error log quotes whole requests, which nginx cannot be told not to do, so
    it holds grave faults alone.
    """
    variables = "".join(
        f"      auth_request_set ${name} $upstream_http_{header};\n"
        for name, header in _VARIABLES.items()
    )
    upstream = "".join(
        f"      proxy_set_header {name} {value};\n" for name, value in _UPSTREAM_HEADERS.items()
    )
    client = "".join(
        f"      add_header {name} {value} always;\n" for name, value in _CLIENT_HEADERS.items()
    )
    return f"""\
  upstream portal {{
    server {portal};
    keepalive 16;
  }}

  map $request_uri $portal_path {{
    "~^(?<portal_start>[^?]*?)(m(ac|at|rt|rs|dc|ia|ra|cp|in)_|eyJ)" "$portal_start...";
    "~^(?<portal_bare>[^?]*)" $portal_bare;
  }}
  log_format portal '$time_iso8601 $request_id $request_method $portal_path '
                    '$status $portal_reason $request_time';

  server {{
    listen {listen};
    access_log {logs}/portal.log portal;
    error_log {logs}/portal-error.log crit;
    server_tokens off;
    client_max_body_size 1m;
    proxy_http_version 1.1;
    proxy_buffer_size 32k;
    proxy_buffers 8 32k;

    location / {{
      auth_request /_decision;
{variables}      error_page 401 403 = @refused;
      error_page 500 502 504 = @unavailable;
      proxy_pass http://portal/sandbox$request_uri;
      proxy_set_header Host $host;
      proxy_set_header Connection "";
{upstream}{client}    }}

    location = /_decision {{
      internal;
      proxy_pass http://portal/gateway/nginx;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Gateway-Key "{gateway_key}";
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Request-Id $request_id;
    }}

    location @refused {{
      internal;
      default_type application/problem+json;
{_refusal_headers()}{_refusals()}      return 403 {_body(403)};
    }}

    location @unavailable {{
      internal;
      default_type application/problem+json;
      add_header Retry-After 1 always;
      add_header X-Request-Id $request_id always;
      return 503 '{{"type":"/problems/decision_unavailable","title":"We could not check this call, \
so it was refused.","status":503,"code":"decision_unavailable","request_id":"$request_id"}}';
    }}
  }}
"""


def standalone(server: str, *, directory: Path) -> str:
    """Return a whole configuration that runs from a directory of its own, as whoever starts it."""
    user = "user root;\n" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"  {name}_temp_path {directory / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""\
{user}worker_processes 1;
pid {directory / "nginx.pid"};
error_log {directory / "error.log"} crit;
events {{ worker_connections 1024; }}
http {{
{temporary}{server}}}
"""


def _refusal_headers() -> str:
    return (
        "      add_header WWW-Authenticate $portal_challenge always;\n"
        "      add_header Retry-After $portal_retry always;\n"
        "      add_header X-Request-Id $request_id always;\n"
        "      add_header RateLimit $portal_rate always;\n"
        "      add_header Deprecation $portal_deprecation always;\n"
        "      add_header Sunset $portal_sunset always;\n"
        "      add_header Link $portal_link always;\n"
        "      add_header RateLimit-Policy $portal_rate_policy always;\n"
    )


def _refusals() -> str:
    return "".join(
        f"      if ($portal_status = {status}) {{ return {status} {_body(status)}; }}\n"
        for status in _STATUSES
    )


def _body(status: int) -> str:
    return (
        '\'{"type":"/problems/$portal_reason","title":"$portal_title",'
        f'"status":{status},"code":"$portal_reason","request_id":"$request_id"}}\''
    )
