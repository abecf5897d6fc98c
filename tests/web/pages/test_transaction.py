from dataclasses import replace

from journeyman.journey.page import PageApi


def test_a_link_carries_token_transaction_and_policy_percent_encoded(transaction):
    link = transaction.link(PageApi.COMBINED, "unified", social="Facebook Exchange&x")

    assert link == (
        "/contoso.onmicrosoft.com/B2C_1A_SignUpOrSignIn/api/CombinedSigninAndSignup/unified"
        "?social=Facebook%20Exchange%26x"
        "&csrf_token=dG9rZW4%3D%3B2026-03-01T12%3A00%3A00Z%3Bc2Vj%2B%2F%3D%3D%3BeyJPcmNoZXN0cmF0aW9uU3RlcCI6MX0%3D"
        "&tx=StateProperties%3DeyJUSUQiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDEifQ"
        "&p=B2C_1A_SignUpOrSignIn"
    )


def test_the_brand_is_the_display_name_else_the_first_part_of_the_tenant(transaction):
    assert transaction.brand_name == "Contoso"
    assert replace(transaction, brand="Contoso Bank").brand_name == "Contoso Bank"
