"""报告对象: whom to tell of what was found, as 禁止寄递物品的发现后处置 says it, category by category. The table is written out here from
the shared description of the trade (domain.md §3.3) and not read from the package, which it judges."""

from __future__ import annotations

import pytest

from courier_check.inspection.catalogue import Disposition, Moment
from courier_check.inspection.rules import RuleSet

POLICE, STATE_SECURITY, PRESS, MARKET = "公安", "国家安全", "新闻出版", "市场监督管理"
ECOLOGY, HEALTH, DISEASE_CONTROL, EMERGENCY = "生态环境", "卫生健康", "疾病预防控制", "应急管理"
FORESTRY, FARMING, CUSTOMS, QUARANTINE = "林草", "农业农村", "海关", "检验检疫"
COMPETENT = "相关主管部门"
POSTAL = "所在地邮政管理部门"
"""所有: told of whatever is reported."""

HARMFUL = (POLICE, ECOLOGY, HEALTH, DISEASE_CONTROL, EMERGENCY)
TOLD = {
    "01": (POLICE,),
    "02": (POLICE,),
    "03": (POLICE,),
    "04": (POLICE,),
    "05": (POLICE,),
    "06": (POLICE,),
    "07": (POLICE,),
    "08": HARMFUL,
    "09": HARMFUL,
    "10": HARMFUL,
    "11": HARMFUL,
    "12": (POLICE,),
    "13": (STATE_SECURITY, POLICE, PRESS),
    "14": (STATE_SECURITY,),
    "15": (POLICE, MARKET),
    "16": (POLICE, MARKET),
    "17": (POLICE, FORESTRY, FARMING),
    "18": (CUSTOMS, STATE_SECURITY, QUARANTINE),
    "19": (COMPETENT,),
}
AUTHORITIES = frozenset({each for told in TOLD.values() for each in told} | {POSTAL})
CLEARED = ("03", "04", "05", "06", "07", "08", "09", "10", "11")
"""疏散人员、隔离现场."""


def told(disposition: Disposition) -> frozenset[str]:
    """The authorities of the table that a disposition names. One entry may name two that share an office now."""
    named = {authority.zh: {one for one in AUTHORITIES if one in authority.zh} for authority in disposition.report_to}
    assert all(named.values()), f"of no row of the table: {named}"
    return frozenset().union(*named.values())


def test_the_table_has_a_row_for_every_category(rules: RuleSet) -> None:
    assert [category.code for category in rules.prohibited.categories] == [f"{number:02}" for number in range(1, 20)] == [*TOLD]


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("category", TOLD)
def test_each_category_is_reported_to_those_of_its_row_and_to_the_postal_administration(
    rules: RuleSet, category: str, moment: Moment
) -> None:
    """What was hidden is always grave; of what was carried openly the same are told, wherever anybody is."""
    wanted = frozenset({*TOLD[category], POSTAL})
    assert told(rules.prohibited.dispose(category, "样品", concealed=True, moment=moment)) == wanted
    openly = rules.prohibited.dispose(category, "样品", concealed=False, moment=moment)
    assert openly.rule.lead, "only an ordinary article carried openly is handed back"
    assert told(openly) == wanted


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("category", CLEARED)
def test_from_what_burns_bursts_or_poisons_people_are_led_away_first(rules: RuleSet, category: str, moment: Moment) -> None:
    for concealed in (False, True):
        steps = "".join(step.zh for step in rules.prohibited.dispose(category, "样品", concealed=concealed, moment=moment).rule.steps)
        assert "疏散人员，隔离现场" in steps


@pytest.mark.parametrize("moment", Moment)
def test_what_nobody_can_name_is_reported_to_the_police_and_the_postal_administration_at_least(rules: RuleSet, moment: Moment) -> None:
    disposition = rules.prohibited.dispose(None, "", concealed=False, moment=moment)
    assert {POLICE, POSTAL} <= told(disposition)
