// The hazards of a plan: what a user has to consent to. They are computed from the fields of the steps and are not stored.
// The table of hazard kinds in hazard.cpp also generates docs/hazards.md and part of `apply --help`.
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
// The text of docs/hazards.md. A unit test compares the file with it byte for byte.
std::string hazards_markdown();

// The relation that the step's statements alter, for a step whose locks were not observed. Empty: unknown.
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

// The items of --allow. An item is KIND[:GLOB] or `all`. KIND may be a prefix that ends before a dash: "drop" means drop-table,
// drop-column and drop-object. In GLOB, `*` matches any text and `?` one character.
// parse() throws UsageError on an unknown kind.
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
