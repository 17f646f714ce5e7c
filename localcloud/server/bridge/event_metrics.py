"""EventBridge's own metrics, namespace `AWS/Events` ("Monitoring Amazon EventBridge"): by rule, and by bus where it is not the default
bus."""

from ministack.services import eventbridge

from . import metrics

_DEFAULT_BUS = "default"


def _dimensions(rule: dict) -> dict[str, str]:
    bus = rule.get("EventBusName") or _DEFAULT_BUS
    name = {"RuleName": rule.get("Name", "")}
    return name if bus == _DEFAULT_BUS else {"EventBusName": bus, **name}


def triggered(rule: dict) -> None:
    """A rule has matched an event, or its time has come."""
    if rule.get("EventPattern"):
        metrics.count("AWS/Events", "MatchedEvents", _dimensions(rule))
    metrics.count("AWS/Events", "TriggeredRules", _dimensions(rule))


def failed(rule_arn: str) -> None:
    """A target of a rule could not be invoked. Schedules of EventBridge Scheduler have no such metric."""
    rule = next((rule for rule in list(eventbridge._rules.values()) if rule.get("Arn") == rule_arn), None)
    if rule is not None:
        metrics.count("AWS/Events", "FailedInvocations", _dimensions(rule))


def install() -> None:
    """After the targets' own hooks: those are counted, too."""
    matches, invoke = eventbridge._matches_pattern_view, eventbridge._invoke_target

    def matches_pattern_view(pattern, view, owner="rule"):
        matched = matches(pattern, view, owner)
        rule = eventbridge._rules.get(owner.removeprefix("rule ")) if matched else None
        if rule is not None:
            triggered(rule)
        return matched

    def invoke_target(target, event, rule, view=None):
        if rule.get("Arn", "").startswith("arn:aws:events:"):
            metrics.count("AWS/Events", "Invocations", _dimensions(rule))
        return invoke(target, event, rule, view)

    eventbridge._matches_pattern_view = matches_pattern_view
    eventbridge._invoke_target = invoke_target
