"""内件: what is found by typing or scanned while the contents are declared, and the papers that go with them. Pure, as acts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from courier_check.acceptance import Draft
from courier_check.acceptance.tasks import TaskKind
from courier_check.errors import UserError
from courier_check.inspection.findings import ContentsFinding, FindingKind
from courier_check.parcel.catalogue import GoodsCatalogue, GoodsClass, Paper
from courier_check.parcel.codes import GoodsCode
from courier_check.parcel.contents import MOST_TAGS, DeclaredItem, ParcelSize
from courier_check.parcel.goods import GTIN_LENGTHS, Gtin, read_gs1_element, read_gtin
from courier_check.parcel.numbers import LEAST_TAG
from courier_check.parcel.text import LONGEST_NUMBER, clean_code, squeeze
from courier_check.parcel.tracing import Epc, EpcScheme, read_epc
from courier_check.parcel.waybills import CodeKind, check_waybill
from courier_check.terms import MailKind
from ui import keys
from ui.counter.effects import Done, Now
from ui.counter.finding import Sought, is_letter, sought
from ui.counter.state import Books, CounterState, FoundGoods, ItemBegun, Panel

ADD, REPLACE = "add", "replace"
_NO_BRAND = frozenset({"无", "没有", "不详"})
_MOST_DIGITS = 12
"""No amount has more. What is longer is refused before Python refuses to make a number of it."""


# Finding ----------------------------------------------------------------------------------------------------------------------------------


def are_asked(now: Now) -> bool:
    """The contents are being declared, now or anew."""
    return now.state.panel is Panel.CONTENTS or (now.state.panel is Panel.TASK and now.task.kind is TaskKind.CONTENTS)


def is_finding(now: Now) -> bool:
    """Names are being typed: of goods, or of prohibited ones."""
    return (are_asked(now) and not now.state.chosen) or (now.state.panel is Panel.PROHIBITED and not now.state.chosen)


def typed_to_find(now: Now, text: str) -> CounterState:
    """What stands in the field, or was typed without one. Nothing where nothing is looked for any more."""
    if not is_finding(now) or text == now.state.sought.typed:
        return now.state
    found = sought(now.books.finders, text, goods=now.state.panel is not Panel.PROHIBITED)
    return replace(now.state, sought=found, said="")


def press_finding(now: Now, key: str) -> Done | None:
    """Letters go on with the name, arrows through what was found, Enter takes what they are at; a digit takes its line."""
    found = now.state.sought
    if is_letter(key):
        return typed_to_find(now, found.typed + key.lower()), None
    if key in ("Up", "Down") and found.count:
        return replace(now.state, sought=found.moved(1 if key == "Down" else -1)), None
    if not found.typed:
        return None
    if key == keys.ENTER:
        return taken(now, found.at), None
    return (taken(now, int(key) - 1), None) if key in keys.DIGITS else None


def taken(now: Now, at: int) -> CounterState:
    """One of what was found: a class of goods, or what is known of prohibited ones."""
    found = now.state.sought
    if 0 <= at < len(found.goods):
        return class_chosen(now, found.goods[at].target)
    if 0 <= at - len(found.goods) < len(found.suspects):
        suspect = found.suspects[at - len(found.goods)]
        return now.state.opened(Panel.PROHIBITED, chosen=suspect.category.code, kind=suspect.name)
    if found.typed and not found.count:
        return now.state.saying(f"没有找到“{found.typed}”。换一种说法，或按 Backspace 清掉，再按 1–9 选品类。")
    return now.state


def class_chosen(now: Now, kind: GoodsClass) -> CounterState:
    begun = replace(now.state.aside.item, goods=kind.id)
    return replace(now.state, chosen=kind.category, sought=Sought(), said="").beside(item=begun)


def category_chosen(now: Now, key: str) -> CounterState | None:
    """1–9: one of the nine categories, of no class."""
    category = now.books.rules.rulebook.restricted.category(key) if key in keys.DIGITS else None
    if category is None:
        return None
    return replace(now.state, chosen=category.id, said="").beside(item=replace(now.state.aside.item, goods=""))


def press_contents(now: Now, key: str) -> Done | None:
    """1–9 choose the category; a name typed finds the class. What is chosen is described in the form."""
    if now.state.chosen:
        changed = category_chosen(now, key)
        return None if changed is None else (changed, None)
    done = press_finding(now, key)
    if done is not None or now.state.sought.typed:
        return done
    changed = category_chosen(now, key)
    return None if changed is None else (changed, None)


def left(state: CounterState) -> CounterState | None:
    """Esc at the contents gives up what was chosen, typed or scanned before it gives up the parcel; None where nothing was. Codes of goods
    that are not declared after all must not end at the next ones."""
    if state.panel is Panel.CONTENTS:  # first another class may be chosen
        panel = Panel.CONTENTS if state.chosen or state.sought.typed or _has_codes(state) else Panel.TASK
        return state.opened(panel, chosen="").beside(item=ItemBegun())
    if state.panel is not Panel.TASK or not (state.chosen or state.sought.typed or _has_codes(state)):
        return None
    return replace(state, chosen="", sought=Sought(), said="").beside(item=ItemBegun())


def rubbed_out(now: Now) -> CounterState | None:
    """Backspace takes the last letter of what is typed to find something, then the codes scanned for the item; None where nothing is."""
    if now.state.sought.typed:
        return typed_to_find(now, now.state.sought.typed[:-1])
    if not (are_asked(now) and _has_codes(now.state)):
        return None
    item = replace(now.state.aside.item, gtin="", epcs=())
    return now.state.beside(item=item).saying("刚才扫的商品条码、电子标签已去掉。")


def _has_codes(state: CounterState) -> bool:
    return bool(state.aside.item.gtin or state.aside.item.epcs)


# Codes scanned here -----------------------------------------------------------------------------------------------------------------------


def scanned(now: Now, text: str) -> CounterState | None:
    """A goods barcode or tag scanned while the contents are declared is taken as such; None for what is no such code. UserError for a
    goods barcode whose check digit is wrong."""
    state = now.state
    if not are_asked(now):
        return None
    number = squeeze(clean_code(text))
    held = state.draft.waybill
    if held is not None and number == held.text:
        return None
    gtin = (read_gs1_element(number) or read_gtin(number)) if len(number) <= LONGEST_NUMBER else None
    if gtin is not None and gtin.valid:
        return _noted(state, f"商品条码 {gtin.digits} 已记下，校验位相符。", gtin=gtin.digits)
    if gtin is not None and len(number) in GTIN_LENGTHS and (_is_goods(now, gtin) or not _may_be_waybill(now, text)):
        raise UserError(GoodsCode.GTIN_BAD, given=number)
    tag = read_epc(text)
    if tag is None or len(tag.raw) < LEAST_TAG or number.isdigit():
        return None
    return _tag_noted(state, tag)


def _tag_noted(state: CounterState, tag: Epc) -> CounterState:
    """A tag is one piece: of several pieces each has its own, and a reader tells the same one again and again."""
    held = state.aside.item.epcs
    if tag.raw in held:
        return state.saying("这个电子标签已经记下。")
    if len(held) >= MOST_TAGS:
        raise UserError(GoodsCode.TAGS_TOO_MANY, most=MOST_TAGS)
    place = f"第 {len(held) + 1} 个" if held else ""
    if tag.is_read:
        words = f"{place}电子标签已记下：商品 {tag.gtin}，序列号 {tag.serial}。"
    else:
        known = "" if tag.scheme is EpcScheme.UNKNOWN else f"（{tag.scheme.value.upper()}）"
        words = f"{place}电子标签{known}读不出商品，按原样记下。"
    return _noted(state, words, epcs=(*held, tag.raw))


def _is_goods(now: Now, gtin: Gtin) -> bool:
    """By its prefix a Chinese article or a book, where the waybill is read already."""
    held = now.state.draft.waybill is not None
    return held and len(gtin.digits) == 13 and now.books.rules.carriers.goods_prefix(gtin.prefix) is not None


def _may_be_waybill(now: Now, text: str) -> bool:
    check = check_waybill(now.books.rules.carriers, text, None, now.books.outlet_carriers)
    return check.kind is CodeKind.WAYBILL


def _noted(state: CounterState, words: str, **codes: object) -> CounterState:
    noted = replace(state.aside.item, **codes)  # type: ignore[arg-type]  # names of fields, given here
    return state.beside(item=noted).saying(words)


# Declaring --------------------------------------------------------------------------------------------------------------------------------


def declared(now: Now, typed: Mapping[str, str]) -> CounterState:
    """The form of one item; without a class yet, what was found takes its place. Papers are asked for next, where any are."""
    if not typed.get("category"):
        return taken(now, now.state.sought.at)
    state, rulebook = now.state, now.books.rules.rulebook
    item = DeclaredItem.from_mapping(_given(typed, state.aside.item), rulebook.restricted, rulebook.goods)
    kept = () if state.kind == REPLACE else state.draft.items
    session = state.session.declared((*kept, item), _size(state.draft, (*kept, item)))
    # What was found among other contents, if it was half named, goes with the answers about them.
    after = state.with_session(session).beside(asked_ms=now.mono_ms, found=FoundGoods(), item=ItemBegun())
    return after.opened(Panel.PAPERS, chosen="") if papers_asked(after.draft, now.books) else after


def _size(draft: Draft, items: tuple[DeclaredItem, ...]) -> ParcelSize:
    """The parcel as it was weighed; else what its items weigh together, where each was said."""
    if draft.service is not None and draft.size.weight_g:
        return draft.size
    known = [item.weight_g for item in items if item.weight_g]
    return ParcelSize(sum(known) if len(known) == len(items) else None, draft.size.sides_mm)


def _given(typed: Mapping[str, str], begun: ItemBegun) -> dict[str, object]:
    """Typed fields as a declaration; the value is typed in yuan and kept in fen."""
    given: dict[str, object] = {"category": typed["category"], "name": typed["name"].strip()}
    for name in ("quantity", "weight_g", "cigarette_sticks", "tobacco_leaf_g", "cut_tobacco_g"):
        text = typed.get(name, "").strip()
        if text:
            given[name] = whole_of(text)
    yuan = typed.get("value_yuan", "").strip()
    if yuan:
        given["value_fen"] = fen_of(yuan)
    brand, org_code = typed.get("brand", "").strip(), typed.get("org_code", "").strip()
    texts = {"brand": "" if brand in _NO_BRAND else brand, "org_code": org_code}
    texts |= {"goods": begun.goods, "gtin": begun.gtin, "epc": next(iter(begun.epcs), "")}
    return given | {name: text for name, text in texts.items() if text} | {"more_epcs": begun.epcs[1:]}


def fen_of(yuan: str) -> int | str:
    """Yuan as typed, with at most two decimals, in fen; anything else as it is, to be refused where it is read."""
    whole, _, cents = yuan.partition(".")
    plain = not cents or (cents.isascii() and cents.isdigit() and len(cents) <= 2)
    number = whole_of(whole) if plain else yuan
    return yuan if isinstance(number, str) else number * 100 + int((cents + "00")[:2])


def whole_of(text: str) -> int | str:
    """Digits as a number; anything else, and what no amount is as long as, as it is, to be refused where it is read."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else text


def yuan_of(fen: int) -> str:
    """Fen as people write yuan: 200, 12.50."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


# Papers -----------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperAsked:
    """What is asked about one item: whether a paper was seen, or (`paper` None) whether it is for personal use."""

    place: int
    item: DeclaredItem
    paper: Paper | None
    given: bool


def papers_asked(draft: Draft, books: Books) -> tuple[PaperAsked, ...]:
    """随附单证: of businesses and unusual quantities; a private sender is asked for none but those everybody shows, and may say 个人自用
    of a brand (domain.md §11.8)."""
    catalogue = books.rules.rulebook.goods
    if catalogue is None:
        return ()
    business = draft.business_sender or draft.mail_kind is MailKind.AGREEMENT
    asked = (
        one
        for place, item in enumerate(draft.items)
        for one in _asked_of(catalogue, place, item, asked=business or catalogue.is_unusual(item, draft.items))
    )
    return tuple(asked)[:9]


def _asked_of(catalogue: GoodsCatalogue, place: int, item: DeclaredItem, *, asked: bool) -> Iterator[PaperAsked]:
    kind = catalogue.goods_class(item.goods) if item.goods else None
    if item.brand and not asked:
        yield PaperAsked(place, item, None, item.personal_use)
    brands = [paper for paper in catalogue.papers if paper.brand and item.brand and asked]
    for paper in (*brands, *(catalogue.papers_asked(kind, asked=asked) if kind else ())):
        yield PaperAsked(place, item, paper, paper.id in item.papers)


def press_papers(now: Now, key: str) -> Done | None:
    """A digit says that its paper was seen, and once more that it was not; Enter goes on, with what was seen."""
    if key == keys.ENTER:
        return now.state.opened(Panel.TASK, chosen=""), None
    asked = papers_asked(now.state.draft, now.books)
    number = int(key) - 1 if key in keys.DIGITS else -1
    if not 0 <= number < len(asked):
        return None
    one = asked[number]
    papers, personal = list(one.item.papers), one.item.personal_use
    if one.paper is None:
        personal = not personal
    elif one.given:
        papers.remove(one.paper.id)
    else:
        papers.append(one.paper.id)
    session = now.state.session.proved(one.place, papers=papers, personal_use=personal)
    return now.state.with_session(session, panel=Panel.PAPERS), None


# Prohibited goods -------------------------------------------------------------------------------------------------------------------------


def press_prohibited(now: Now, key: str) -> Done | None:
    """查禁寄物品: found as goods are; then carried openly or hidden, found at once or afterwards."""
    state = now.state
    if not state.chosen:
        return press_finding(now, key)
    if key == keys.ENTER:
        return state.opened(Panel.TASK, chosen="", kind=""), None
    if key in (keys.YES, keys.NO):
        return replace(state, sought=replace(state.sought, concealed=key == keys.NO)), None
    if key == keys.DOUBT:
        return replace(state, sought=replace(state.sought, afterwards=not state.sought.afterwards)), None
    return (state, None) if key in keys.DIGITS else None


_PICKS = tuple("345678")
"""Neither 0 nor 1, which begin a category's number, nor 2: the key that said that something is there names nothing when it bounces. As many
as stand on a line."""


def picks(now: Now) -> Mapping[str, tuple[str, str]]:
    """What is found most, each under a digit: category and name in one."""
    covers = now.task.item.covers if now.task.item is not None else ()
    return dict(zip(_PICKS, now.books.rules.rulebook.rules.prohibited.household(covers, len(_PICKS)), strict=False))


def press_found(now: Now, key: str) -> Done | None:
    """One digit names an everyday article; or two digits choose the category and the name is typed. Then 1 open, 2 hidden."""
    state, found = now.state, now.state.aside.found
    covers = now.task.item.covers if now.task.item is not None else ()
    if found.category is None:
        if not state.digits and (picked := picks(now).get(key)) is not None:
            return replace(state, said="").beside(found=FoundGoods(*picked)), None
        code = _two_digits(state, key)
        if code is None or len(code) < 2:
            return None if code is None else (replace(state, digits=code, said=""), None)
        if code not in covers:
            return replace(state, digits="").saying(f"这里没有第 {code} 类，请看题目下的类别。"), None
        return replace(state, digits="").beside(found=FoundGoods(code)), None
    if not found.name or key not in (keys.YES, keys.NO):
        return None
    finding = ContentsFinding(FindingKind.PROHIBITED, found.name, found.category, concealed=key == keys.NO)
    session = state.session.found(finding, now.books.rules.rulebook)
    return state.with_session(session).beside(found=FoundGoods()), None


def _two_digits(state: CounterState, key: str) -> str | None:
    return state.digits + key if key in keys.DIGITS else None
