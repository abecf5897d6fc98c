"""Journeys over HTTP: whose they are, in which order they move, what happens when a request comes twice."""

SIGN_UP = {
    "email": "ada@contoso.com",
    "newPassword": "Passw0rd!",
    "reenterPassword": "Passw0rd!",
    "displayName": "Ada",
}
TYPELESS = {
    "client_id": "11111111-0000-4000-8000-000000000004",
    "redirect_uri": "http://127.0.0.1:5000/callback",
}


async def test_a_person_signs_up_and_the_application_gets_a_code(site, open_person):
    person = await open_person(site)
    page = await person.authorize(site.tenant, site.policy, TYPELESS)
    page = await person.navigate(page, "unified", local="signup")
    answer = await person.submit(page, SIGN_UP)
    back = await person.go_on(page)

    assert answer.accepted
    assert back.url.startswith("http://127.0.0.1:5000/callback?")
    assert set(back.parameters) == {"state", "code"}
