// What needs consent. Hazards are computed from a step's fields, never typed a second time; one table holds their kinds,
// and also writes their documentation (docs/hazards.md) and `apply --help`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace lockstep::plan {

struct HazardKind {
  std::string_view name;     // "drop-table"
  std::string_view meaning;  // one sentence
};
std::span<const HazardKind> hazard_kinds();
// docs/hazards.md, to the byte (a test compares).
std::string hazards_markdown();

// The relation whose lock the step promises, for one whose locks were not observed: what its statements alter. Empty: unknown.
std::string promised_on(const Step& step);

struct Hazard {
  std::string kind;
  std::string object;   // "shop.orders.total"
  std::string message;  // one line for a person
  std::string step;     // Step::id
};
std::vector<Hazard> hazards_of(const Plan& plan);

// `*` in a glob matches any text, `?` one character.
bool glob_matches(std::string_view glob, std::string_view text);

// One item of --allow: KIND[:GLOB] | all. KIND may be a prefix up to a dash ("drop" = drop-table, drop-column, drop-object).
// Throws UsageError on an unknown kind. `*` in GLOB matches any text, `?` one character.
class Consent {
 public:
  static Consent parse(const std::vector<std::string>& items);
  bool covers(const Hazard& hazard) const;

 private:
  struct Item {
    std::string kind, glob;
  };
  std::vector<Item> items_;
};

}  // namespace lockstep::plan
