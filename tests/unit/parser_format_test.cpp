// The one layout: idempotent, loses neither meaning nor comments.
#include <catch2/catch.hpp>
#include <ctime>
#include <iostream>

#include "parser_fixture.h"

namespace lockstep::parser {
namespace {

std::string formatted(const std::string& text) {
  const Read result = read_text(text);
  CHECK(errors(result.diagnostics) == "");
  return format(result.file);
}

constexpr const char* kLaidOut = R"(-- head of the file

-- about the extension
extension citext;  -- trailing

/* a block
     comment */
schema shop owner shop_owner {  -- opens
  -- first in the block
  enum status (
    'a', -- first value
      'b');

  table orders {
    id         bigint not null;  -- the key
    -- own line
    created_at timestamptz not null default now();
    "Mixed"    numeric(10,2) check (
      a > 0  -- inside
    );
    -- before the constraint
    primary key (id);
    -- last in the block
  }

  table empty {}
  table noted {
    -- only a comment
  }
  view v as $$
      select 1  -- stays
$$;
}

-- end of the file
)";

TEST_CASE("comments stay where they are") {
  const std::string once = formatted(kLaidOut);
  CHECK(once == R"(-- head of the file

-- about the extension
extension citext;  -- trailing

/* a block
     comment */
schema shop owner shop_owner { -- opens
  -- first in the block
  enum status ('a', -- first value
      'b');

  table orders {
    id         bigint not null;  -- the key
    -- own line
    created_at timestamptz not null default now();
    "Mixed"    numeric(10,2) check (
      a > 0  -- inside
    );
    -- before the constraint
    primary key (id);
    -- last in the block
  }

  table empty {}
  table noted {
    -- only a comment
  }
  view v as $$
      select 1  -- stays
$$;
}

-- end of the file
)");
  CHECK(formatted(once) == once);
}

struct Layout {
  const char* input;
  const char* output;
};

constexpr Layout kLayouts[] = {
    {"", ""},
    {"MANAGE  ALL ;", "manage all;\n"},
    {"schema S{}", "schema s {}\n"},
    {"schema s { ; ; }", "schema s {}\n"},
    {"\n\n\nextension a;\n\n\n\nextension b;\n\n", "extension a;\n\nextension b;\n"},
    {"schema s { table t { ID INT PRIMARY KEY; Long_Name  varchar( 3 ) DEFAULT  'X'; } }",
     "schema s {\n  table t {\n    id        INT primary key;\n    long_name varchar( 3 ) default 'X';\n  }\n}\n"},
    {"schema s { table t { a int -- why\n not null /* b */ ; } }",
     "schema s {\n  table t {\n    a int -- why\n        not null;  /* b */\n  }\n}\n"},
    {"schema s { function F ( a int ) returns int language SQL as $$x$$ ; }",
     "schema s {\n  function f(a int) returns int language sql as $$x$$;\n}\n"},
    {"schema s { table t { GRANT select(a,B) ,insert TO x , PUBLIC; check ( a>0 ) ; x.y_ int; } }", nullptr},
    {"schema s { table t { grant SELECT(a,\"B\") ,insert TO x , PUBLIC; check ( a>0 ) ; partition o . p default; } }",
     "schema s {\n  table t {\n    grant select (a, \"B\"), insert to x, public;\n    check (a>0);\n    partition o.p default;\n "
     " }\n}\n"},
    {"schema s { sequence q start - 5 increment by +2; }", "schema s {\n  sequence q start - 5 increment by +2;\n}\n"},
};

TEST_CASE("one layout, whatever the input's") {
  for (const auto& row : kLayouts) {
    if (row.output == nullptr) continue;
    INFO(row.input);
    CHECK(formatted(row.input) == row.output);
    CHECK(formatted(row.output) == row.output);
  }
}

TEST_CASE("formatting changes no meaning") {
  for (const std::string text : {kShopExample, kEverything, kLaidOut}) {
    const std::string once = formatted(text);
    CHECK(formatted(once) == once);
    CHECK(dump(read_text(once).file) == dump(read_text(text).file));
    const Lowered before = lower_texts({text}), after = lower_texts({once});
    CHECK_FALSE(before.diagnostics.has_errors());
    CHECK(dump(before.declared.catalog) == dump(after.declared.catalog));
  }
}

TEST_CASE("a catalog prints as a file that reads back as the same catalog") {
  for (const std::string text : {kShopExample, kEverything}) {
    const Lowered first = lower_texts({text});
    const std::string printed = to_schema_text(first.declared.catalog);
    CHECK(formatted(printed) == printed);
    const Lowered second = lower_texts({printed});
    CHECK_FALSE(second.diagnostics.has_errors());
    CHECK(second.declared.scope.everything);
    CHECK(to_schema_text(second.declared.catalog) == printed);
  }
}

std::string big_schema(std::size_t tables) {
  std::string text = "schema app {\n";
  for (std::size_t i = 0; i < tables; ++i) {
    const std::string n = std::to_string(i);
    text +=
        "  table t" + n +
        " {\n    id         bigint not null generated always as identity;\n    name       varchar(64) not null default 'x';\n"
        "    email      text not null;\n    status     int not null default 0 check positive (status >= 0);\n    org        "
        "bigint;\n"
        "    created_at timestamptz not null default now();\n    payload    jsonb;\n    amount     numeric(12,2) default 0;\n\n"
        "    primary key (id);\n    index t" +
        n + "_email on (lower(email)) where (status > 0);\n    index t" + n + "_org on (org, created_at desc);\n";
    if (i > 0) text += "    foreign key t" + n + "_fk (org) references t" + std::to_string(i - 1) + " (id) on delete cascade;\n";
    text += "  }\n";
    if (i % 5 == 0)
      text += "\n  view v" + n + " as $$\n    select id, name, email from app.t" + n + " where status > 0\n  $$;\n\n";
  }
  return text + "}\n";
}

TEST_CASE("ten thousand tables are read in seconds") {
  const std::string text = big_schema(10000);
  const auto clock = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };  // of the processor: others may be busy
  const double start = clock();
  const Read result = read_text(text);
  const double read_at = clock();
  support::Diagnostics diagnostics;
  const Declared declared = lower({result.file}, {}, {}, diagnostics);
  const double lowered_at = clock();
  const std::string laid_out = format(result.file);
  const double formatted_at = clock();
  CHECK(errors(result.diagnostics) == "");
  CHECK(errors(diagnostics) == "");
  CHECK(laid_out == text);
  CHECK(declared.catalog.objects().size() > 150000);
  std::cout << text.size() << " bytes, 10,000 tables, CPU seconds: read " << read_at - start << ", lower " << lowered_at - read_at
            << ", format " << formatted_at - lowered_at << "\n";
  CHECK(read_at - start < 30);
}

}  // namespace
}  // namespace lockstep::parser
