"""Who works at the demo company: five field teams under a director, the offices beside them, each person with a phone
number by which U8, WeCom, DingTalk and Tongmai mean the same one."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Text

DOMAIN = "shaoyue-med.example"


@dataclass(frozen=True, slots=True)
class Team:
    """``parent`` is another team's key; ``cities`` are those that its people travel in."""

    key: str
    name: str
    parent: str | None = None
    cities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    """``login`` is empty for people who have no sign-in of their own in the demo. The vendors' ``userid`` is the phone
    number, as many companies have it."""

    name: str
    role: str
    team: str
    phone: str
    city: str = ""
    login: str = ""
    domain: str = DOMAIN

    @property
    def email(self) -> str:
        return f"{self.phone}@{self.domain}"


TEAMS = (
    Team("company", "绍越医械"),
    Team("field", "销售中心", "company"),
    Team("shaoxing", "绍兴组", "field", ("绍兴",)),
    Team("hangzhou", "杭州组", "field", ("杭州",)),
    Team("ningbo", "宁波组", "field", ("宁波",)),
    Team("north", "嘉湖组", "field", ("嘉兴", "湖州")),
    Team("south", "金台组", "field", ("金华", "台州")),
    Team("operations", "运营部", "company"),
    Team("finance", "财务部", "company"),
    Team("product", "产品部", "company"),
    Team("service", "仓储客服部", "company"),
)
# Key of the city, its telephone area code (U8's region code here), how many sales people live there.
CITIES = {"绍兴": ("0575", 7), "杭州": ("0571", 4), "宁波": ("0574", 4), "嘉兴": ("0573", 2), "湖州": ("0572", 2),
          "金华": ("0579", 2), "台州": ("0576", 2)}  # fmt: skip
_SELLERS = (
    "林悦", "陈浩然", "王思远", "章佳慧", "俞文杰", "沈梦婷", "何俊", "金晓东", "徐丽娜", "胡志强", "朱敏", "蒋一鸣",
    "傅晨曦", "钱伟", "孙雅静", "马腾飞", "楼婷婷", "祝明辉", "董佳怡", "裘建国", "方倩", "阮成", "骆小芳",
)  # fmt: skip
_LEADS = {"shaoxing": "陈国栋", "hangzhou": "周雪梅", "ningbo": "郑海波", "north": "沈建平", "south": "吴美华"}
_OFFICE = (
    ("宋运营", "operations", "operations", "yunying"),
    ("何会计", "finance", "finance", ""),
    ("范晓琳", "product", "product", ""),
    ("丁仓管", "warehouse", "service", ""),
    ("石质检", "quality", "service", ""),
    ("陆客服", "service", "service", ""),
    ("钟法务", "legal", "company", ""),
)
OPERATIONS = "13957500071"
# The sign-ins that the command prints, in its order: login → what the person is there for.
SIGN_INS = {
    "xiaoshou": Text("销售（林悦）", "Sales person"),
    "zhuguan": Text("销售主管（陈国栋）", "Supervisor"),
    "zongjian": Text("销售总监（邵立新）", "Sales director"),
    "yunying": Text("销售运营（宋运营）", "Sales operations"),
    "admin": Text("管理员", "Administrator"),
}


def sellers() -> tuple[Colleague, ...]:
    """The 23 sales people, by city."""
    team_of = {city: team.key for team in TEAMS for city in team.cities}
    homes = [city for city, (_, count) in CITIES.items() for _ in range(count)]
    return tuple(
        Colleague(name, "sales", team_of[city], f"138575{number:05d}", city, "xiaoshou" if number == 1 else "")
        for number, (name, city) in enumerate(zip(_SELLERS, homes, strict=True), 1)
    )


def leads() -> tuple[Colleague, ...]:
    """Who leads the field teams."""
    return tuple(
        Colleague(name, "supervisor", team, f"139575{number:05d}", login="zhuguan" if team == "shaoxing" else "")
        for number, (team, name) in enumerate(_LEADS.items(), 1)
    )


def staff() -> tuple[Colleague, ...]:
    """Everybody, the sales people first."""
    heads = (
        Colleague("邵立新", "sales_director", "field", "13957500050", login="zongjian"),
        Colleague("管理员", "administrator", "company", "13957500060", login="admin"),
    )
    office = tuple(
        Colleague(name, role, team, f"1395750007{number}", login=login)
        for number, (name, role, team, login) in enumerate(_OFFICE, 1)
    )
    return (*sellers(), *leads(), *heads, *office)


def leader_of(team: str) -> str | None:
    """The phone number of who leads the team."""
    if team == "field":
        return "13957500050"
    name = _LEADS.get(team)
    return next((each.phone for each in staff() if each.name == name), None)
