"""Configurations of our own, in three languages, and what each of them comes down to."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.inventory.gateways import READERS, Served
from catalog.inventory.gateways.routes import ConfigurationInvalid, Policy
from consent.gateway.export.nginx import server_block
from portal.errors import Refused

NGINX = """
http {
  limit_req_zone $binary_remote_addr zone=calls:1m rate=5r/s;
  server {
    listen 443 ssl;
    server_name api.meridian.example;
    client_max_body_size 1m;
    location /prescriptions/v1/ {
      auth_request /_decision;
      limit_req zone=calls;
      proxy_pass http://prescriptions;
      location /prescriptions/v1/open/ { auth_request off; proxy_pass http://open; }
    }
    location = /_decision { internal; proxy_pass http://portal/gateway/nginx; }
    location /about/ { return 200 "hello"; }
    location ~ ^/old { proxy_pass http://old; }
    location /forgotten { add_header Access-Control-Allow-Origin "*"; proxy_pass http://old; }
  }
  server { listen 80; server_name plain.meridian.example; location / { proxy_pass http://x; } }
}
"""
ENVOY = """
static_resources:
  listeners:
    - filter_chains:
        - transport_socket: {typed_config: {require_client_certificate: true}}
          filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                http_filters:
                  - name: envoy.filters.http.ext_authz
                  - name: envoy.filters.http.local_ratelimit
                  - name: envoy.filters.http.router
                route_config:
                  virtual_hosts:
                    - domains: [api.meridian.example]
                      routes:
                        - match: {prefix: /prescriptions/v1}
                          route: {cluster: prescriptions}
                        - match: {path: /health}
                          route: {cluster: health}
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz: {disabled: true}
                        - match: {prefix: /gone}
                          direct_response: {status: 410}
"""
KONG = """
_format_version: "3.0"
plugins: [{name: cors}]
services:
  - name: prescriptions
    url: http://prescriptions
    plugins: [{name: rate-limiting, config: {minute: 5}}, {name: jwt, enabled: false}]
    routes:
      - paths: [/prescriptions/v1]
        hosts: [api.meridian.example]
        protocols: [https]
        plugins: [{name: key-auth}]
routes:
  - service: prescriptions
    paths: [/more]
"""
P = Policy


def test_nginx_is_read_with_what_is_above_each_location():
    served = {one.path: one for one in READERS["nginx"](NGINX)}

    assert set(served) == {"/prescriptions/v1/", "/prescriptions/v1/open/", "/forgotten", "/"}
    assert served["/prescriptions/v1/"].policies == (P.DECISION, P.RATE, P.SIZE, P.TLS)
    assert served["/prescriptions/v1/open/"].policies == (P.RATE, P.SIZE, P.TLS)
    assert served["/forgotten"].policies == (P.SIZE, P.CORS, P.TLS)
    assert served["/"].policies == ()
    assert served["/forgotten"].base_url == "https://api.meridian.example/forgotten"
    assert served["/"].base_url == "http://plain.meridian.example"


def test_the_configuration_that_we_export_asks_for_decisions():
    block = server_block(listen="127.0.0.1:8080", portal="127.0.0.1:8000", gateway_key="k" * 40)

    served = READERS["nginx"](f"http {{ {block} }}")

    assert [(one.path, P.DECISION in one.policies) for one in served] == [("/", True)]


def test_envoy_is_read_with_the_filters_of_its_listener():
    served = {one.path: one for one in READERS["envoy"](ENVOY)}

    assert set(served) == {"/prescriptions/v1", "/health"}
    shared = (P.CERTIFICATE, P.RATE, P.TLS)
    assert served["/prescriptions/v1"].policies == (P.DECISION, *shared)
    assert served["/health"].policies == shared


def test_kong_is_read_with_the_plugins_of_route_service_and_all():
    served = {one.path: one for one in READERS["kong"](KONG)}

    assert served["/prescriptions/v1"] == Served(
        "api.meridian.example", "/prescriptions/v1", (P.KEY, P.RATE, P.CORS, P.TLS)
    )
    assert served["/more"] == Served("*", "/more", (P.RATE, P.CORS))


@pytest.mark.parametrize("kind", ["envoy", "kong"])
@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "just words", "{a: *b}"], ids=range(4))
def test_what_is_no_configuration_is_refused(kind, text):
    with pytest.raises(ConfigurationInvalid):
        READERS[kind](text)


def test_broken_nginx_is_refused_with_the_line_and_without_its_words():
    with pytest.raises(ConfigurationInvalid, match="line") as refused:
        READERS["nginx"]("server {\n  set $secret hush\n}}}")

    assert "hush" not in str(refused.value)


def test_nginx_reads_no_other_file(tmp_path):
    other = tmp_path / "other.conf"
    other.write_text("server { location /x { proxy_pass http://x; } }")

    assert READERS["nginx"](f"include {other};") == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["static_resources", "listeners", "filter_chains", "filters", "name", "routes",
                 "typed_config", "services", "paths", "plugins", "hosts", "match", "route"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.sampled_from(["envoy", "kong"]), st.dictionaries(st.text(max_size=5), json_values))
def test_whatever_the_document_is_it_is_read_or_refused(kind, document):
    try:
        served = READERS[kind](json.dumps(document))
    except Refused:
        return
    assert all(one.path.startswith("/") or kind == "envoy" for one in served)


@given(st.text(alphabet="server{};locatin /x#\"'\\\n$", max_size=80))
def test_whatever_the_text_is_nginx_is_read_or_refused(text):
    try:
        served = READERS["nginx"](text)
    except ConfigurationInvalid:
        return
    assert all(one.path.startswith("/") for one in served)
