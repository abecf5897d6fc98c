from __future__ import annotations


def test_a_predicate_is_read(clean):
    policy = clean("""<BuildingBlocks><Predicates><Predicate Id="Length" Method="IsLengthRange" HelpText="old">
        <UserHelpText> 8 to 64 </UserHelpText>
        <Parameters><Parameter Id="Minimum">8</Parameter><Parameter Id="Maximum"> 64 </Parameter></Parameters>
      </Predicate></Predicates></BuildingBlocks>""")

    found = policy.predicates["length"]
    assert (found.method, found.help_text, found.user_help_text) == ("IsLengthRange", "old", "8 to 64")
    assert dict(found.parameters) == {"minimum": "8", "maximum": "64"}


def test_a_predicate_validation_is_read_with_its_groups(clean):
    policy = clean("""<BuildingBlocks><PredicateValidations><PredicateValidation Id="Strong"><PredicateGroups>
        <PredicateGroup Id="all"><PredicateReferences><PredicateReference Id="Length"/></PredicateReferences>
        </PredicateGroup>
        <PredicateGroup Id="some"><UserHelpText>3 of 4</UserHelpText><PredicateReferences MatchAtLeast="3">
          <PredicateReference Id="Lower"/><PredicateReference Id="Upper"/></PredicateReferences></PredicateGroup>
        <PredicateGroup Id="none"><PredicateReferences MatchAtLeast="1" Reject="true">
          <PredicateReference Id="Bad"/></PredicateReferences></PredicateGroup>
      </PredicateGroups></PredicateValidation></PredicateValidations></BuildingBlocks>""")

    groups = policy.predicate_validations["strong"].groups
    assert [(g.id, g.user_help_text, g.match_at_least, g.reject) for g in groups] == [
        ("all", None, None, False),
        ("some", "3 of 4", 3, False),
        ("none", None, 1, True),
    ]
    assert [reference.id for reference in groups[1].predicates] == ["Lower", "Upper"]


def test_a_group_without_predicates_is_an_error_because_it_would_always_pass(read, places):
    policy, diagnostics = read(
        '<BuildingBlocks><PredicateValidations><PredicateValidation Id="v"><PredicateGroups>\n'
        '<PredicateGroup Id="g"/></PredicateGroups></PredicateValidation></PredicateValidations></BuildingBlocks>'
    )

    assert places(diagnostics) == [("JM1023", 4, 1)]
    assert policy.predicate_validations["v"].groups == ()


def test_each_list_of_an_input_validation_is_a_group(clean):
    policy = clean("""<BuildingBlocks><InputValidations><InputValidation Id="PIN">
        <PredicateReferences Id="one" MatchAtLeast="1" HelpText="digits"><PredicateReference Id="Pin"/>
        </PredicateReferences>
        <PredicateReferences><PredicateReference Id="Length"/></PredicateReferences>
      </InputValidation></InputValidations></BuildingBlocks>""")

    groups = policy.input_validations["pin"].groups
    assert [(g.id, g.user_help_text, g.match_at_least) for g in groups] == [("one", "digits", 1), ("", None, None)]
    assert [g.predicates[0].id for g in groups] == ["Pin", "Length"]


def test_a_parameter_and_a_group_without_an_id_are_errors(read, places):
    policy, diagnostics = read(
        '<BuildingBlocks><Predicates><Predicate Id="p" Method="MatchesRegex"><Parameters>\n<Parameter>x</Parameter>'
        '</Parameters></Predicate></Predicates><PredicateValidations><PredicateValidation Id="v"><PredicateGroups>\n'
        "<PredicateGroup><PredicateReferences/></PredicateGroup></PredicateGroups></PredicateValidation>"
        "</PredicateValidations></BuildingBlocks>"
    )

    assert dict(policy.predicates["p"].parameters) == {}
    assert policy.predicate_validations["v"].groups == ()
    assert places(diagnostics) == [("JM1022", 4, 1), ("JM1022", 5, 1)]
