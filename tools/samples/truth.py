"""The made-up people, waybills and scenes of the sample pictures; any likeness to real ones is chance.

ID numbers have real region codes and sound check digits, or no reader could be tried on them, but the people, their birth dates and
their sequence numbers are invented, phones lie in 0000 blocks, waybills only have the carriers' shapes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def resident_number(region: str, born: str, sequence: str) -> str:
    first17 = region + born.replace("-", "") + sequence
    return first17 + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def s10_number(service: str, serial: str, country: str = "CN") -> str:
    left = 11 - sum(w * int(d) for w, d in zip(_S10_WEIGHTS, serial, strict=True)) % 11
    return f"{service}{serial}{ {10: 0, 11: 5}.get(left, left) }{country}"


@dataclass(frozen=True)
class Person:
    """One made-up holder of a resident ID. `valid_until` may be 长期. `key` names the pictures: id-KEY-front.jpg, id-KEY-back.jpg."""

    key: str
    name: str
    sex: str
    nation: str
    born_on: str
    address: str
    number: str
    issuer: str
    valid_from: str
    valid_until: str
    phone: str
    remark: str

    def told(self) -> dict[str, str]:
        return asdict(self) | {"front": f"id-{self.key}-front.jpg", "back": f"id-{self.key}-back.jpg"}


PEOPLE = (
    Person(
        key="wang",
        name="王思远",
        sex="男",
        nation="汉",
        born_on="1990-03-07",
        address="河南省郑州市金水区花园路1号院3号楼12号",
        number=resident_number("410105", "1990-03-07", "123"),
        issuer="郑州市公安局金水分局",
        valid_from="2020-01-01",
        valid_until="2040-01-01",
        phone="13800001234",
        remark="证件有效",
    ),
    Person(
        key="chen",
        name="陈晓雯",
        sex="女",
        nation="汉",
        born_on="1996-05-21",
        address="河南省郑州市中原区建设路88号7号楼2单元501号",
        number=resident_number("410102", "1996-05-21", "246"),
        issuer="郑州市公安局中原分局",
        valid_from="2021-03-15",
        valid_until="2031-03-15",
        phone="13900002345",
        remark="运单为隐私面单（陈**）",
    ),
    Person(
        key="zhang",
        name="张文博",
        sex="男",
        nation="回",
        born_on="1978-10-09",
        address="河南省新郑市新华路街道人民路16号",
        number=resident_number("410184", "1978-10-09", "351"),
        issuer="新郑市公安局",
        valid_from="2018-06-01",
        valid_until="2038-06-01",
        phone="13700003456",
        remark="运单上的姓名与证件不符",
    ),
    Person(
        key="zhao",
        name="赵德海",
        sex="男",
        nation="满",
        born_on="1962-02-28",
        address="河南省登封市嵩阳街道少林路5号",
        number=resident_number("410185", "1962-02-28", "477"),
        issuer="登封市公安局",
        valid_from="2009-04-12",
        valid_until="长期",
        phone="13600004567",
        remark="证件长期有效",
    ),
    Person(
        key="li",
        name="李若兰",
        sex="女",
        nation="汉",
        born_on="1985-11-12",
        address="河南省郑州市二七区大学路40号院1号楼",
        number=resident_number("410103", "1985-11-12", "502"),
        issuer="郑州市公安局二七分局",
        valid_from="2006-05-20",
        valid_until="2016-05-20",
        phone="13500005678",
        remark="证件已过期",
    ),
    Person(
        key="liu",
        name="刘一诺",
        sex="女",
        nation="汉",
        born_on="2012-08-15",
        address="河南省荥阳市索河街道万山路9号",
        number=resident_number("410182", "2012-08-15", "628"),
        issuer="荥阳市公安局",
        valid_from="2023-09-01",
        valid_until="2028-09-01",
        phone="13400006789",
        remark="未成年人",
    ),
    Person(
        key="zhou",
        name="周海燕",
        sex="女",
        nation="土家",
        born_on="1988-07-30",
        address="河南省郑州市管城回族区航海东路100号5号楼",
        number=resident_number("410104", "1988-07-30", "784"),
        issuer="郑州市公安局管城分局",
        valid_from="2019-08-08",
        valid_until="2039-08-08",
        phone="15800007890",
        remark="练习名单中的电话",
    ),
)


@dataclass(frozen=True)
class Party:
    """A side of a label as printed on it: masked where the label is a privacy label."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True)
class Label:
    """One made-up waybill label. `qr`: what its QR code holds; `words`: whether parties are headed 收件人 and 寄件人 or only 收 and 寄."""

    key: str
    carrier: str
    heading: str
    number: str
    sender: Party
    addressee: Party
    contents: str
    qr: str
    remark: str
    words: bool = True
    tilt: float = 2.0
    gain: float = 1.0

    def told(self) -> dict[str, object]:
        kept = {key: value for key, value in asdict(self).items() if key not in {"tilt", "gain", "words"}}
        return kept | {"picture": f"waybill-{self.key}.jpg"}


_SUN = Party("孙立", "18600001111", "北京市朝阳区建国路200号8层")
_HE = Party("何静怡", "18700002222", "上海市浦东新区世纪大道300号")
_LUO = Party("罗**", "187****3333", "广东省广州市天河区体育西路***")
_MA = Party("马向东", "0371-60000000", "河南省洛阳市西工区中州中路66号")

WANG, CHEN, ZHANG, ZHAO, LI, LIU, ZHOU = (Party(person.name, person.phone, person.address) for person in PEOPLE)

LABELS = (
    Label(
        key="sf-wang",
        carrier="sf",
        heading="顺丰速运",
        number="SF1010000000015",
        sender=WANG,
        addressee=_SUN,
        contents="图书 2 本",
        qr="SF1010000000015",
        remark="正常",
    ),
    Label(
        key="s10-zhao",
        carrier="ems",
        heading="国际 EMS",
        number=s10_number("EA", "90000001"),
        sender=ZHAO,
        addressee=_HE,
        contents="茶叶 500 克",
        qr="",
        remark="国际邮件号码，校验位正确",
        words=False,
        tilt=-3.0,
    ),
    Label(
        key="yt-chen",
        carrier="yto",
        heading="圆通速递",
        number="YT9900000000028",
        sender=Party("陈**", "139****2345", "河南省郑州市中原区建设路***"),
        addressee=_LUO,
        contents="服装 1 件",
        qr='{"mailNo":"YT9900000000028","type":"sample"}',
        remark="隐私面单",
        words=False,
        tilt=1.5,
    ),
    Label(
        key="jt-zhang",
        carrier="jt",
        heading="极兔速递",
        number="JT0009000000035",
        sender=Party("张文波", ZHANG.phone, ZHANG.address),
        addressee=_SUN,
        contents="手机壳 3 个",
        qr="https://example.invalid/t/JT0009000000035",
        remark="寄件人姓名与证件不符（张文博）",
        tilt=-2.0,
    ),
    Label(
        key="jd-li",
        carrier="jd",
        heading="京东快递",
        number="JDVA90000000041",
        sender=LI,
        addressee=_MA,
        contents="台灯 1 个",
        qr="JDVA90000000041",
        remark="寄件人证件已过期",
        tilt=3.0,
    ),
    Label(
        key="ems-liu",
        carrier="ems",
        heading="邮政快递包裹",
        number="1290000000053",
        sender=LIU,
        addressee=_HE,
        contents="文具 1 套",
        qr="1290000000053",
        remark="13 位数字单号，邮政与韵达同形",
        words=False,
    ),
    Label(
        key="zt-zhou",
        carrier="zto",
        heading="中通快递",
        number="79900000000064",
        sender=ZHOU,
        addressee=_MA,
        contents="背包 2 个",
        qr="79900000000064",
        remark="寄件人电话在练习名单中",
        tilt=-1.0,
    ),
    Label(
        key="sf-wang-2",
        carrier="sf",
        heading="顺丰速运",
        number="SF1010000000072",
        sender=WANG,
        addressee=_MA,
        contents="打火机 1 盒",
        qr="SF1010000000072",
        remark="内件为禁寄物品",
        tilt=1.0,
    ),
    Label(
        key="hard-tilted",
        carrier="sf",
        heading="顺丰速运",
        number="SF1010000000088",
        sender=WANG,
        addressee=_HE,
        contents="图书 1 本",
        qr="SF1010000000088",
        remark="斜放 38 度",
        tilt=38.0,
    ),
    Label(
        key="hard-dark",
        carrier="jt",
        heading="极兔速递",
        number="JT0009000000097",
        sender=ZHAO,
        addressee=_SUN,
        contents="毛巾 2 条",
        qr="JT0009000000097",
        remark="光线很暗",
        tilt=4.0,
        gain=0.22,
    ),
)

SCENES = {
    "books": ("图书 2 本", "允许寄递", "9787111128069"),
    "clothes": ("毛衣 1 件", "允许寄递", ""),
    "tea": ("茶叶 1 盒", "允许寄递", "6901234567892"),
    "lighter": ("打火机 1 盒", "禁止寄递：易燃品", ""),
}
"""Parcel content photos: contents-KEY.jpg with what is in them, whether it may be sent, and the goods barcode in the picture."""
