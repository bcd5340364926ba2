#include "plan/values.h"

#include <array>

namespace lockstep::plan {
namespace {

constexpr std::array<ValueEffect, 5> kEffects{{
    {kKept, "Every stored value stays as it is, byte for byte."},
    {kConverted, "Every value is converted to the new type. The conversion is tried on the rows first; `how` names it."},
    {kComputed, "The column is computed from others, and its values are computed again."},
    {kFilled, "A new column: rows get its default or its `backfill`, or NULL."},
    {kLost, "The values are lost. They are saved in the run's backup first, and it needs consent."},
}};

constexpr std::array<ConversionRule, 8> kRules{{
    {"PostgreSQL neither rewrites the table nor changes a value (varchar(20) → varchar(50), varchar → text, a wider numeric of "
     "the "
     "same scale); seen on the scratch copy",
     kFree, "nothing", "nothing; prepared statements that return the column fail once and are prepared again"},
    {"every value of the old type is the same in the new one, and the table is rewritten (integer → bigint)", kByItself,
     "that CHECKs and generated columns hold on the new values", "`rewrite`"},
    {"PostgreSQL converts by itself in an assignment (bigint → integer, text → varchar(3))", kByItself,
     "that each value converts, and none is truncated; and as above", "`rewrite`, `lossy-type`; the old values are saved"},
    {"PostgreSQL requires an explicit cast (text → integer, text → enum)", kWrittenOut,
     "that each value converts, and is the same when converted back; and as above",
     "`rewrite`, `lossy-type`; the old values are saved"},
    {"one of the two types has a time zone and the other has none (timestamptz → timestamp), also inside arrays, domains, "
     "composites and "
     "ranges",
     "by PostgreSQL's assignment cast; inside other types: written as text and read as the new type",
     "as above; the plan names the time zone of the database, which the values are converted in",
     "`breaking`, since sessions of another TimeZone see other instants then; the plan names roles that have one of their own"},
    {"the column says `convert using (expression)`; also where its type keeps its name and is recreated", kByExpression,
     "that the expression gives each row a value of the type; and as above. If it uses objects that the plan creates, the step "
     "itself finds what doesn't fit, and rolls back",
     "`rewrite`, `lossy-type`; the old values are saved"},
    {"the enum says `map 'old' to 'new'`, and the plan takes `'old'` away", kByMap,
     "that no row has a value that goes and is not mapped, and no two rows become alike in a key; that the CHECKs hold, if no "
     "new "
     "value is needed for that. The plan tells how many rows have each of the values",
     "`rewrite`, `lossy-type`; the old values are saved"},
    {"a domain, composite, enum or range must be recreated, and the value lies inside an array, composite, range or domain",
     kAsText, "that each value converts, is the same when converted back, and obeys the domain's new rules", "`rewrite`"},
}};

constexpr std::string_view kHead =
    "# What a plan does to values\n\n"
    "Every plan tells what happens to the stored values of the objects that it touches: a line per column, attribute or type, in "
    "the\n"
    "section \"Values\" of the text and markdown, and under `values` in the JSON.\n\n";

constexpr std::string_view kPlaces =
    "\n## Where values of a type are stored\n\n"
    "A change of a domain, a composite type, one of its attributes, an enum or a range concerns every column that holds values "
    "of it:\n"
    "a column of the type, of an array of it, of a domain over it, of a composite with an attribute of it, of a range or "
    "multirange\n"
    "over it, nested to any depth, and of the row type of a table with such a column. This is read from `pg_depend` and "
    "`pg_type`,\n"
    "by one rule for all kinds. A column of a partitioned or inherited table represents those of its partitions and children.\n"
    "Rows of materialized views are computed again; foreign tables store nothing here.\n\n"
    "Where PostgreSQL can't change such a type in place (a domain over another type, a new CHECK of a domain inside an array or "
    "a\n"
    "composite, an attribute of another type or in another order, a range over another type, an enum that loses values), the "
    "type is\n"
    "recreated and the values are carried over, in one transaction. An attribute that is dropped is `lost`: the columns are "
    "saved "
    "first.\n\n"
    "## How values are converted\n\n"
    "Several such changes of one table are one `ALTER TABLE`: the table is rewritten once, and its indexes are built once. In a "
    "table "
    "of 16 MiB\n"
    "or more, or with `online;`, nothing is rewritten under a lock, so there is no hazard `rewrite`\n"
    "([adr/0028](adr/0028-a-retyped-column-has-a-successor.md)); `breaking` tells what writers meet meanwhile, and that the "
    "column's "
    "place in the\n"
    "table changes. A note of the plan says why a table is rewritten nevertheless.\n\n"
    "| when | how | checked on the rows first | needs |\n|---|---|---|---|\n";

constexpr std::string_view kTail =
    "\n## How rows are checked\n\n"
    "Before the first step, in read-only transactions, under ACCESS SHARE. One query a check reads the table once. PostgreSQL "
    "gives\n"
    "a query up when a value doesn't convert: then the rows are checked one by one, in a `DO` block with a subtransaction for "
    "each, which\n"
    "counts those that fail and shows up to five by their keys. A plan whose checks find such a row ends with exit code 1, "
    "and\n"
    "nothing is changed.\n";

}  // namespace

std::span<const ValueEffect> value_effects() {
  return kEffects;
}

std::span<const ConversionRule> conversion_rules() {
  return kRules;
}

std::string values_markdown() {
  std::string text(kHead);
  text += "| values are | meaning |\n|---|---|\n";
  for (const ValueEffect& effect : kEffects)
    text += "| " + std::string(effect.name) + " | " + std::string(effect.meaning) + " |\n";
  text += kPlaces;
  for (const ConversionRule& rule : kRules) {
    text += "| " + std::string(rule.when) + " | " + std::string(rule.how) + " | " + std::string(rule.asked) + " | " +
            std::string(rule.needs) + " |\n";
  }
  return text + std::string(kTail);
}

}  // namespace lockstep::plan
