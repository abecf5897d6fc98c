import pytest

from journeyman.web.pages.security import PageSecurity, content_security_policy, new_nonce, page_headers


def directives(security: PageSecurity) -> dict[str, str]:
    policy = content_security_policy(security)
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_by_default_a_page_loads_from_its_own_origin_only():
    assert directives(PageSecurity("abc")) == {
        "default-src": "'none'",
        "script-src": "'nonce-abc'",
        "style-src": "'self' 'nonce-abc'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_nobody_may_frame_or_cache_a_page():
    headers = page_headers(PageSecurity("abc"))

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin"


def test_the_sources_of_journey_framing_may_frame():
    security = PageSecurity("abc", framing_sources=("https://app.contoso.com", "https://*.contoso.com"))

    assert directives(security)["frame-ancestors"] == "https://app.contoso.com https://*.contoso.com"
    assert "X-Frame-Options" not in page_headers(security)


@pytest.mark.parametrize(
    ("redirect_uri", "form_action"),
    [
        ("https://app.contoso.com/signin?x=1", "'self' https://app.contoso.com *"),
        ("http://127.0.0.1:5000/callback", "'self' http://127.0.0.1:5000 *"),
        ("com.contoso.app://callback", "'self' com.contoso.app: *"),
        ("", "'self'"),
    ],
)
def test_a_form_post_may_go_to_the_redirect_uri_and_where_the_application_sends_it_on(redirect_uri, form_action):
    assert directives(PageSecurity("abc", form_action=redirect_uri))["form-action"] == form_action


@pytest.mark.parametrize(
    "source", ["https://a.example; script-src *", "https://a.example,b", "'unsafe-inline'", "ä.example"]
)
def test_a_source_cannot_add_a_directive(source):
    security = PageSecurity("abc", framing_sources=(source,))

    assert directives(security)["frame-ancestors"] == "'none'"


def test_a_custom_template_may_style_but_brings_no_script():
    security = PageSecurity("abc", custom_template=True, template_sources=("https://cdn.contoso.com",))
    found = directives(security)

    assert found["style-src"] == "'self' 'unsafe-inline' https://cdn.contoso.com"
    assert found["img-src"] == "'self' data: https: https://cdn.contoso.com"
    assert found["script-src"] == "'nonce-abc'"


def test_with_script_execution_the_origins_of_the_template_may_give_scripts():
    security = PageSecurity(
        "abc", custom_template=True, template_sources=("https://cdn.contoso.com",), script_allowed=True
    )

    assert directives(security)["script-src"] == "'nonce-abc' https://cdn.contoso.com"


def test_every_nonce_is_new_and_long():
    nonces = {new_nonce() for _ in range(100)}

    assert len(nonces) == 100
    assert min(map(len, nonces)) >= 22
