"""Prefix lists as a source or destination of security group rules, which ministack neither reads from requests nor shows as rules."""

from ministack.services import ec2


def install() -> None:
    parse = ec2._parse_ip_permissions

    def parse_ip_permissions(params, prefix):
        rules = parse(params, prefix)
        for at, rule in enumerate(rules, start=1):
            number = 1
            while list_id := ec2._p(params, f"{prefix}.{at}.PrefixListIds.{number}.PrefixListId"):
                entry = {"PrefixListId": list_id}
                description = ec2._p(params, f"{prefix}.{at}.PrefixListIds.{number}.Description")
                if description:
                    entry["Description"] = description
                rule["PrefixListIds"].append(entry)
                number += 1
        return rules

    ec2._parse_ip_permissions = parse_ip_permissions

    show = ec2._sg_rule_xml

    def show_rule(sg_id, rule, is_egress=False):
        items = show(sg_id, rule, is_egress)
        lists = rule.get("PrefixListIds") or []
        if not lists or any(rule.get(kind) for kind in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs")):
            return items
        # Of a rule with nothing else it shows one item, without whom it is for.
        return "".join(
            items.replace("</toPort>", f"</toPort><prefixListId>{each['PrefixListId']}</prefixListId>") for each in lists
        )

    ec2._sg_rule_xml = show_rule
