"""A secret stands in no SQL that is shown: of `featc show`, and on the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Featc

SECRET = "zz-pepper-zz"
TEXT = """\
namespace shop
secret param pepper: text
entity customer { key id: int }
source orders {
  from csv "orders.csv"
  time at
  entity customer (customer_id)
  columns { customer_id: int  at: timestamp  mail: text pii }
}
source kept {
  from csv "{$pepper}/kept.csv"
  time at
  entity customer (customer_id)
  columns { customer_id: int  at: timestamp }
}
view hashed from orders { let mail_hash = hash(concat($pepper, mail)) }
features mails for customer from hashed { mails = count_distinct(mail_hash) }
features visits for customer from kept { visits = count() }
features plain for customer from orders { rows = count() }
dataset all_of_it for customer {
  spine every 7d from @2026-01-01 to @2026-02-01
  include mails.*
}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "featc.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
    listed = TEXT.replace("key id: int", "key id: int  from people").replace(
        "view hashed",
        'source people { from csv "p.csv" entity customer columns { id: int } }\nview hashed',
    )
    (tmp_path / "shop.feat").write_text(listed, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["mails.mails", "shop.mails", "visits.visits", "hashed", "kept", "all_of_it"]
)
def test_sql_that_would_show_it_is_refused(featc: Featc, shop: Path, name: str) -> None:
    result = featc("show", name, "--sql", "--param", f"pepper={SECRET}", cwd=shop)

    assert result.status == 1
    assert SECRET not in result.out + result.err
    assert "which would show the secret `pepper`" in result.err


def test_other_sql_is_shown(featc: Featc, shop: Path) -> None:
    result = featc("show", "plain.rows", "--sql", "--param", f"pepper={SECRET}", cwd=shop)

    assert result.status == 0
    assert "SELECT" in result.out


def test_the_site_leaves_it_out(featc: Featc, shop: Path) -> None:
    result = featc("docs", "--param", f"pepper={SECRET}", cwd=shop)
    files = [p for p in (shop / "target" / "site").rglob("*") if p.is_file()]
    texts = {p.name: p.read_text(encoding="utf-8") for p in files}

    assert result.status == 0, result.err
    assert [name for name, text in texts.items() if SECRET in text] == []
    assert "SELECT" in texts["shop.plain.html"]
