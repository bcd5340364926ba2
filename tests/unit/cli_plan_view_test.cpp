#include <algorithm>
#include <catch2/catch.hpp>

#include "cli/plan_markdown.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "fleet/consent.h"

using namespace lockstep;

namespace {

plan::Plan shop_plan() {
  plan::Plan plan;
  plan.target = {"7", "shop", 5, 150014};
  plan.proved = true;
  plan.changes = {{"+", "column shop.customers.country", "", "shop.schema:3:5"},
                  {"~", "column shop.orders.total", "type: integer → bigint", "shop.schema:9:5"}};
  plan::Step add;
  add.id = "s01";
  add.title = "add column shop.customers.country";
  add.sql = {"ALTER TABLE shop.customers ADD COLUMN country text"};
  add.lock = plan::LockMode::access_exclusive;
  add.locks = {{"shop.customers", plan::LockMode::access_exclusive}};
  plan::Step fill;
  fill.id = "s02";
  fill.phase = plan::Phase::migrate;
  fill.title = "fill column shop.customers.country";
  fill.mode = plan::TransactionMode::batches;
  fill.batches = {"shop", "customers", "country = 'US'", "country IS NULL"};
  fill.search_path = {"shop"};
  plan::Step function;
  function.id = "s03";
  function.phase = plan::Phase::contract;
  function.title = "a title that is so long that it has to be broken into several lines because it does not fit into one";
  function.sql = {"CREATE FUNCTION f() AS $$\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n$$", "SELECT 1"};
  function.breaking = "column shop.orders.total has another type";
  plan.steps = {add, fill, function};
  return plan;
}

}  // namespace

TEST_CASE("a plan fits into 80 columns and leaves no step out", "[cli]") {
  const plan::Plan plan = shop_plan();
  const std::vector<plan::Hazard> hazards = {{"rewrite", "shop.orders", "rewrites shop.orders", "s03"}};
  const std::string text = cli::plan_text(plan, hazards, {});
  for (const std::string& line : cli::lines_of(text)) {
    CAPTURE(line);
    CHECK(cli::width(line) <= 80);
  }
  for (const char* part : {"Plan for database \"shop\", PostgreSQL 15.14, proved", "+ column shop.customers.country",
                           "shop.schema:3:5", "type: integer → bigint", "s01", "ACCESS EXCLUSIVE on shop.customers",
                           "UPDATE shop.customers SET country", "… 4 more lines", "previous application version",
                           "--allow rewrite:shop.orders", "3 steps: 1 expand, 1 migrate, 1 contract; 1 hazard to consent to"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(cli::plan_text(plan, hazards, {.colour = true}).find('\x1b') != std::string::npos);
}

TEST_CASE("no word of a long statement is missing", "[cli]") {
  plan::Plan plan = shop_plan();
  std::string statement = "ALTER TABLE s.t";
  for (int i = 0; i < 12; ++i) statement += " ALTER COLUMN c" + std::to_string(i) + " TYPE s.d USING c::s.d,";
  statement += " ALTER COLUMN d TYPE text";
  plan.steps[0].sql = {statement};
  const std::string text = cli::plan_text(plan, {}, {});
  for (const std::string& line : cli::lines_of(text)) CHECK(cli::width(line) <= 80);
  std::string found = text.substr(text.find("ALTER TABLE s.t"), text.find("s02") - text.find("ALTER TABLE s.t"));
  std::replace(found.begin(), found.end(), '\n', ' ');
  std::string words;
  for (const std::string& word : cli::wrap(found, 1)) words += (words.empty() ? "" : " ") + word;
  CHECK(words.find("…") == std::string::npos);
  CHECK(words.starts_with(statement + ";"));
}

TEST_CASE("a step that was not tried names the table of its lock", "[cli]") {
  plan::Plan plan = shop_plan();
  plan.proved = false;
  plan.steps[0].locks.clear();
  plan.steps[0].produces = {{catalog::intern_kind("column"), {"shop", "customers", "country"}}};
  CHECK(cli::plan_text(plan, {}, {}).find("ACCESS EXCLUSIVE on shop.customers") != std::string::npos);
  CHECK(cli::plan_markdown(plan, {}).find("ACCESS EXCLUSIVE on `shop.customers`") != std::string::npos);
}

TEST_CASE("an empty plan is nothing but comments as sql", "[cli]") {
  plan::Plan plan = shop_plan();
  plan.steps.clear();
  for (const std::string& line : cli::lines_of(cli::plan_sql(plan))) CHECK(line.substr(0, 3) == "-- ");
  CHECK(cli::plan_text(plan, {}, {}).find("live equals desired") != std::string::npos);
}

TEST_CASE("sql has every statement, with the path it needs", "[cli]") {
  const std::string text = cli::plan_sql(shop_plan());
  CHECK(text.find("ALTER TABLE shop.customers ADD COLUMN country text;\n") != std::string::npos);
  CHECK(text.find("SET search_path TO pg_catalog, shop;\n-- in batches\nUPDATE") != std::string::npos);
  CHECK(text.find("BEGIN;\nCREATE FUNCTION") != std::string::npos);
}

TEST_CASE("the consent that is shown is one that --allow takes", "[cli]") {
  const plan::Hazard plain{"drop-table", "shop.orders", "", "s01"};
  CHECK(fleet::consent_flag(plain) == "--allow drop-table:shop.orders");
  const plan::Hazard function{"drop-object", "shop.f(integer, text)", "", "s01"};
  CHECK(fleet::consent_flag(function) == "--allow 'drop-object:shop.f(integer? text)'");
  CHECK(plan::Consent::parse({"drop-object:shop.f(integer? text)"}).covers(function));
}

TEST_CASE("Markdown shows what is in a plan, not what its names mean to Markdown", "[cli]") {
  CHECK(cli::markdown_text("a|b *c* <img> &amp; `d`\ne") == "a\\|b \\*c\\* &lt;img&gt; &amp;amp; \\`d\\`<br>e");
  CHECK(cli::markdown_code("shop.orders") == "`shop.orders`");
  CHECK(cli::markdown_code("a|b") == "<code>a&#124;b</code>");
  CHECK(cli::markdown_code("a\\|b") == "<code>a&#92;&#124;b</code>");
  CHECK(cli::markdown_code("`<img>") == "<code>&#96;&#60;img&#62;</code>");
  CHECK(cli::markdown_code("a\nb") == "<code>a&#92;nb</code>");
  CHECK(cli::markdown_code("").find("<code>") == 0);
  CHECK(cli::markdown_text("@x #1 http://a www.b") == "\\@<!-- -->x \\#<!-- -->1 http:<!-- -->//a www.<!-- -->b");
  CHECK(cli::markdown_text("a\x1b[1mb") == "a\\\\x1B\\[1mb");
  plan::Plan plan = shop_plan();
  plan.steps[0].sql = {"COMMENT ON TABLE t IS '````'"};
  const std::string text = cli::plan_markdown(plan, {{"rewrite", "shop.orders", "rewrites shop.orders", "s03"}});
  for (const char* part :
       {"### Lockstep plan for database `shop`", "ACCESS EXCLUSIVE on `shop.customers`", "--allow rewrite:shop.orders\n```",
        "updates in batches", "\n`````sql\n", "\n`````\n\n</details>\n", "*previous application version:*"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("a changed body is shown as the lines that differ", "[cli]") {
  plan::Plan plan = shop_plan();
  std::string before, after;
  for (int i = 0; i < 100; ++i) before += "  line " + std::to_string(i) + ";\n";
  after = before;
  after.replace(after.find("line 50"), 7, "row 50");
  plan.changes = {{"~", "function shop.f(integer)", "body changes", "shop.schema:9:5", {{"body", before, after}}}};
  const std::string text = cli::plan_text(plan, {}, {});
  for (const char* part : {"body changes", "@@ -48,7 +48,7 @@", "-  line 50;", "+  row 50;", "   line 49;"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("line 40;") == std::string::npos);
  const std::string markdown = cli::plan_markdown(plan, {});
  CHECK(markdown.find("<summary>function shop.f\\(integer\\): body</summary>\n\n```diff\n@@ -48,7 +48,7 @@") !=
        std::string::npos);
}

TEST_CASE("the places of changes stand in one column, as wide as the terminal", "[cli]") {
  plan::Plan plan = shop_plan();
  const std::string long_name = "index shop.a_name_that_is_so_long_that_no_place_would_fit_beside_it_in_80_columns";
  plan.changes.push_back({"+", long_name, "", "shop.schema:12:5"});
  const auto column = [&](const std::string& text, const std::string& place) {
    for (const std::string& line : cli::lines_of(text))
      if (const auto at = line.find(place); at != std::string::npos) return at;
    return std::string::npos;
  };
  const std::string narrow = cli::plan_text(plan, {}, {});
  CHECK(column(narrow, "shop.schema:3:5") == column(narrow, "shop.schema:9:5"));
  CHECK(column(narrow, "shop.schema:12:5") == std::string::npos);
  const std::string wide = cli::plan_text(plan, {}, {.width = 140});
  CHECK(column(wide, "shop.schema:3:5") == column(wide, "shop.schema:12:5"));
}

TEST_CASE("Markdown of a large plan fits into a comment and says what it left out", "[cli]") {
  plan::Plan plan = shop_plan();
  for (int i = 0; i < 400; ++i) {
    plan.steps.push_back(plan.steps[2]);
    plan.steps.back().sql = {"SELECT '" + std::string(200, 'x') + "'"};
  }
  const std::string text = cli::plan_markdown(plan, {});
  CHECK(text.size() <= 60000);
  CHECK(text.find("**Left out, because a comment may have 60000 characters at most:** ") != std::string::npos);
  CHECK(text.find("the SQL. `lockstep plan` shows all of it.") != std::string::npos);
  CHECK(text.find("#### Changes") != std::string::npos);
}

TEST_CASE("one line consents to every hazard of a plan", "[cli]") {
  const std::vector<plan::Hazard> hazards = {{"rewrite", "shop.orders", "", "s01"},
                                             {"rewrite", "shop.orders", "", "s02"},
                                             {"drop-object", "shop.f(integer, text)", "", "s03"}};
  const std::string flags = fleet::consent_flags(hazards);
  CHECK(flags == "--allow 'rewrite:shop.orders,drop-object:shop.f(integer? text)'");
  const auto consent = plan::Consent::parse({"rewrite:shop.orders", "drop-object:shop.f(integer? text)"});
  for (const auto& hazard : hazards) CHECK(consent.covers(hazard));
}

TEST_CASE("a diff is the lines that differ with three lines around them", "[cli]") {
  CHECK(cli::unified_diff("a\nb\n", "a\nb\n").empty());
  CHECK(cli::unified_diff("a", "b") == std::vector<std::string>{"@@ -1,1 +1,1 @@", "-a", "+b"});
  CHECK(cli::unified_diff("", "b\nc") == std::vector<std::string>{"@@ -0,0 +1,2 @@", "+b", "+c"});
}
