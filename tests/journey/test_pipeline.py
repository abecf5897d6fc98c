from __future__ import annotations

import pytest

from journeyman.technical_profile import Continue


@pytest.fixture
def run(xml, play):
    """Play one profile: every claim named in ``types`` is declared; returns the journey and what came of it."""

    async def run(
        profile, *, types=None, answers=None, transformations=(), profiles=(), parameters=None, claims=None, **options
    ):
        declared = tuple(xml.claim(name, data_type) for name, data_type in (types or {}).items())
        text = xml.policy(
            xml.step(Run="Run"),
            claims=(*declared, *options.pop("declared", ())),
            profiles=(profile, *profiles),
            transformations=transformations,
            outputs=("objectId",),
            subject="",
            **options,
        )
        journey = play(text, answers=answers)
        journey.state.claims.update(claims or {})
        return journey, await journey.start(**(parameters or {}))

    return run


RESOLVE = {"IncludeClaimResolvingInClaimsHandling": "true"}


async def test_inputs_are_sent_under_their_names_with_the_values_that_the_rules_choose(xml, run):
    inputs = (
        'known PartnerClaimType="mail"',
        "absent",
        'filled DefaultValue="d"',
        'kept DefaultValue="d"',
        'forced DefaultValue="d" AlwaysUseDefaultValue="true"',
        'count DefaultValue="7"',
        'hint DefaultValue="{OIDC:LoginHint}" AlwaysUseDefaultValue="true"',
        'nothing DefaultValue="{OIDC:DomainHint}" AlwaysUseDefaultValue="true"',
    )
    types = dict.fromkeys(("known", "absent", "filled", "kept", "forced", "hint", "nothing"), "string") | {
        "count": "int"
    }

    journey, _ = await run(
        xml.profile("Run", "rest", RESOLVE, inputs=inputs, outputs=("objectId",)),
        types=types,
        claims={"known": "k", "kept": "k", "forced": "k", "hint": "k"},
        parameters={"login_hint": "h"},
    )

    assert journey.api.sent("Run") == [
        {"mail": "k", "filled": "d", "kept": "k", "forced": "d", "count": 7, "hint": "h"}
    ]


async def test_a_default_that_is_sent_does_not_come_into_the_bag(xml, run):
    journey, _ = await run(
        xml.profile("Run", "rest", inputs=('x DefaultValue="d"',), outputs=("objectId",)), types={"x": "string"}
    )

    assert "x" not in journey.claims


async def test_output_transformations_see_the_default_of_an_input_claim(xml, run):
    transformations = (
        xml.transformation("Copy", "CopyClaim", "x=inputClaim", outputs="y=outputClaim"),
        xml.transformation("Leave", "LookupValue", "y=inputParameterId", outputs="x=outputClaim"),
    )

    journey, _ = await run(
        xml.profile("Run", "rest", inputs=('x DefaultValue="d"',), outputs=("objectId",), after=("Copy", "Leave")),
        types={"x": "string", "y": "string"},
        transformations=transformations,
    )

    assert journey.claims["y"] == "d"
    assert "x" not in journey.claims


async def test_a_partner_claim_type_may_name_a_part_of_the_token_answer_of_a_provider(xml, run):
    outputs = ('token PartnerClaimType="{oauth2:access_token}"', 'none PartnerClaimType="{oauth2:refresh_token}"')
    answer = Continue({}, token_answer={"access_token": "t"})

    journey, _ = await run(
        xml.profile("Run", "rest", outputs=(*outputs, "objectId")),
        types={"token": "string", "none": "string"},
        answers={"Run": answer},
    )

    assert journey.claims.get("token") == "t"
    assert "none" not in journey.claims


async def test_resolvers_stay_literal_unless_the_profile_turns_them_on(xml, run):
    profile = xml.profile(
        "Run", "rest", inputs=('x DefaultValue="{OIDC:LoginHint}" AlwaysUseDefaultValue="true"',), outputs=("objectId",)
    )

    journey, _ = await run(profile, types={"x": "string"}, parameters={"login_hint": "h"})

    assert journey.api.sent("Run") == [{"x": "{OIDC:LoginHint}"}]


async def test_a_required_input_without_a_value_stops_the_call(xml, play, code_of):
    profiles = (
        xml.profile("Give", "rest", outputs=("present", "name")),
        xml.profile("Run", "rest", inputs=('present Required="true"', 'name Required="true"'), outputs=("objectId",)),
    )
    claims = (xml.claim("present"), xml.claim("name", label="Your name"))
    journey = play(
        xml.policy(xml.step(Give="Give"), xml.step(Run="Run"), claims=claims, profiles=profiles),
        answers={"Give": Continue({"present": "x"})},
    )

    outcome = await journey.start()

    assert code_of(outcome) == "AADB2C"
    assert str(outcome.error) == "Missing required element: Your name"
    assert journey.api.sent("Run") == []


async def test_a_default_input_that_does_not_fit_its_type_stops_the_journey(xml, run, code_of):
    inputs = ('count DefaultValue="{OIDC:LoginHint}" AlwaysUseDefaultValue="true"',)

    _, outcome = await run(
        xml.profile("Run", "rest", RESOLVE, inputs=inputs, outputs=("objectId",)),
        types={"count": "int"},
        parameters={"login_hint": "Canary"},
    )

    assert code_of(outcome) == "AADB2C90037"
    assert "Canary" not in str(outcome.error)


async def test_outputs_come_into_the_bag_by_the_rules(xml, run):
    outputs = (
        "objectId",
        'told PartnerClaimType="wire"',
        'silent DefaultValue="d"',
        'earlier DefaultValue="d"',
        "kept",
        'forced DefaultValue="d" AlwaysUseDefaultValue="true"',
        'count PartnerClaimType="number"',
        'nothing DefaultValue="{OIDC:DomainHint}"',
    )
    types = dict.fromkeys(("told", "silent", "earlier", "kept", "forced", "nothing"), "string") | {"count": "int"}
    answer = Continue({"wire": "t", "forced": "f", "number": "12", "unasked": "x", "kept": None})

    journey, _ = await run(
        xml.profile("Run", "rest", RESOLVE, outputs=outputs),
        types=types,
        answers={"Run": answer},
        claims={"earlier": "e", "kept": "k"},
    )

    assert dict(journey.claims) == {"told": "t", "silent": "d", "earlier": "e", "kept": "k", "forced": "d", "count": 12}


async def test_an_output_that_does_not_fit_its_claim_stops_the_journey_without_showing_it(xml, run, code_of):
    profile = xml.profile("Run", "rest", outputs=("objectId", "count"))

    _, outcome = await run(profile, types={"count": "int"}, answers={"Run": Continue({"count": "Canary"})})

    assert code_of(outcome) == "AADB2C90278"
    assert str(outcome.error) == "Run: the value of claim 'count' is not a int"


async def test_transformations_run_before_and_after_in_order_and_see_each_other(xml, run):
    transformations = (
        xml.transformation("First", "CopyClaim", "given=inputClaim", outputs="a=outputClaim"),
        xml.transformation("Second", "CopyClaim", "a=inputClaim", outputs="b=outputClaim"),
        xml.transformation("Third", "CopyClaim", "answer=inputClaim", outputs="c=outputClaim"),
        xml.transformation("Drop", "NullClaim", outputs="a=claim_to_null"),
    )
    profile = xml.profile(
        "Run",
        "rest",
        inputs=("b",),
        outputs=("objectId", "answer"),
        before=("First", "Second"),
        after=("Third", "Drop"),
    )

    journey, _ = await run(
        profile,
        types=dict.fromkeys(("given", "a", "b", "c", "answer"), "string"),
        transformations=transformations,
        claims={"given": "g"},
        answers={"Run": Continue({"answer": "x"})},
    )

    assert journey.api.sent("Run") == [{"b": "g"}]
    assert dict(journey.claims) == {"given": "g", "b": "g", "answer": "x", "c": "x"}


async def test_a_transformation_result_is_converted_for_each_claim_that_takes_it(xml, run):
    doubled = xml.transformation("T", "CopyClaim", "given=inputClaim", outputs="text=outputClaim number=outputClaim")

    journey, _ = await run(
        xml.profile("Run", "transform", outputs=("objectId",), after=("T",)),
        types={"given": "string", "text": "string", "number": "int"},
        transformations=(doubled,),
        claims={"given": "12"},
    )

    assert (journey.claims["text"], journey.claims["number"]) == ("12", 12)


async def test_a_transformation_result_that_fits_one_claim_and_not_the_other_is_an_error(xml, run, code_of):
    doubled = xml.transformation("T", "CopyClaim", "given=inputClaim", outputs="number=outputClaim text=outputClaim")

    _, outcome = await run(
        xml.profile("Run", "transform", outputs=("objectId",), after=("T",)),
        types={"given": "string", "text": "string", "number": "int"},
        transformations=(doubled,),
        claims={"given": "Canary"},
    )

    assert code_of(outcome) == "AADB2C"
    assert str(outcome.error) == "ClaimsTransformationError: T: the result does not fit claim 'number'"


async def test_generated_json_has_the_declared_spelling_of_its_names(xml, run):
    made = xml.transformation("T", "GenerateJson", "given=Person.Name", "Person.Kind=guest", "made=outputClaim")

    journey, _ = await run(
        xml.profile("Run", "transform", outputs=("objectId",), after=("T",)),
        types={"given": "string", "made": "string"},
        transformations=(made,),
        claims={"given": "Ada"},
    )

    assert journey.claims["made"] == '{"Person":{"Name":"Ada","Kind":"guest"}}'


async def test_a_claim_is_copied_when_it_passes_the_predicates_of_the_other(xml, run):
    blocks = (
        '<Predicates><Predicate Id="Digits" Method="MatchesRegex"><UserHelpText>Digits only</UserHelpText><Parameters>'
        '<Parameter Id="RegularExpression">^[0-9]+$</Parameter></Parameters></Predicate></Predicates>'
        '<PredicateValidations><PredicateValidation Id="Number"><PredicateGroups><PredicateGroup Id="G">'
        '<PredicateReferences><PredicateReference Id="Digits" /></PredicateReferences></PredicateGroup></PredicateGroups>'
        "</PredicateValidation></PredicateValidations>"
    )
    checked = xml.claim("checked", inner='<PredicateValidationReference Id="Number" />')
    copy = xml.transformation("T", "CopyClaimIfPredicateMatch", "given=inputClaim", outputs="checked=outputClaim")
    profile = xml.profile("Run", "transform", outputs=("objectId",), after=("T",))

    for given, copied in (("123", "123"), ("abc", None)):
        journey, _ = await run(
            profile,
            types={"given": "string"},
            declared=(checked,),
            transformations=(copy,),
            blocks=blocks,
            claims={"given": given},
        )
        assert journey.claims.get("checked") == copied


TEXTS = (
    '<LocalizedCollection ElementType="ClaimType" ElementId="mapped" TargetCollection="Restriction">'
    '<Item Text="gold" Value="Our best customers" /></LocalizedCollection>\n'
    '<LocalizedString ElementType="FormatLocalizedStringTransformationClaimType" StringId="greeting">Hello {0}!</LocalizedString>\n'
    '<LocalizedString ElementType="ErrorMessage" StringId="UserMessageIfClaimsTransformationStringsAreNotEqual">'
    "They differ.</LocalizedString>\n"
)


async def test_transformations_read_the_texts_of_the_page_that_their_profile_names(xml, run):
    given = "given=mapFromClaim"
    transformations = (
        xml.transformation(
            "Map", "GetMappedValueFromLocalizedCollection", given, outputs="mapped=restrictionValueClaim"
        ),
        xml.transformation("Say", "FormatLocalizedString", "given=name", "stringFormatId=greeting", "said=outputClaim"),
    )
    profile = xml.profile(
        "Run", "transform", {"ContentDefinitionReferenceId": "api.page"}, outputs=("objectId",), after=("Map", "Say")
    )

    journey, _ = await run(
        profile,
        types={"given": "string", "mapped": "string", "said": "string"},
        transformations=transformations,
        resources=TEXTS,
        claims={"given": "gold"},
    )

    assert (journey.claims["mapped"], journey.claims["said"]) == ("Our best customers", "Hello gold!")


async def test_a_failed_assertion_is_told_in_the_words_of_the_page_around_it(xml, play):
    check = xml.transformation(
        "T", "AssertStringClaimsAreEqual", "one=inputClaim1 two=inputClaim2", "stringComparison=ordinal"
    )
    profiles = (
        xml.profile("Ask", "page", outputs=("one", "two"), validations=("Same",)),
        xml.profile("Same", "transform", outputs=('objectId DefaultValue="u"',), after=("T",)),
    )
    claims = (xml.claim("one", control="TextBox"), xml.claim("two", control="TextBox"))
    text = xml.policy(
        xml.step(Ask="Ask"),
        claims=claims,
        profiles=profiles,
        transformations=(check,),
        resources=TEXTS,
        outputs=("one",),
        subject="",
    )
    journey = play(text)
    await journey.start()

    answer = await journey.post(one="a", two="b")

    assert answer.message == "They differ."


async def test_a_profile_without_a_provider_is_refused_by_name(xml, play, code_of):
    text = xml.policy(
        xml.step(Run="Run"),
        profiles=(xml.profile("Run", "directory", {"Operation": "Read"}, inputs=("objectId",), outputs=("objectId",)),),
    )

    outcome = await play(text).start()  # these journeys have no directory

    assert code_of(outcome) == "AADB2C90037"
    assert "technical profile 'Run' cannot run: no provider runs the handler" in str(outcome.error)
