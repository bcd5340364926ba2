#include "reconciler/selection.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "support/digest.h"
#include "support/visible.h"

namespace lockstep::reconciler {
namespace {

constexpr const char* kKey = "selection";
constexpr const char* kLeftOut = "left_out";

std::string for_a_shell(const std::string& name) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  if (!name.empty() && name.find_first_not_of(kPlain) == std::string::npos) return name;
  std::string quoted = "'";
  for (const char c : support::visible(name)) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string flag(const char* name, const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += " " + for_a_shell(value);
  return values.empty() ? "" : name + text;
}

nlohmann::ordered_json json_of(const Selection& selection) {
  return {{"only", selection.only}, {kLeftOut, selection.exclude}};
}

}  // namespace

std::string flags_of(const Selection& selection) {
  const std::string only = flag("--only", selection.only), exclude = flag("--exclude", selection.exclude);
  return only + (only.empty() || exclude.empty() ? "" : " ") + exclude;
}

std::string digest_of_part(const std::string& digest, const Selection& selection) {
  return selection.any() && !digest.empty() ? support::sha256(digest + json_of(selection).dump()) : digest;
}

Selection selection_of(const plan::Plan& plan) {
  const auto record = nlohmann::json::parse(plan.record, nullptr, false);
  if (!record.is_object() || !record.contains(kKey)) return {};
  return {record.at(kKey).value("only", std::vector<std::string>()), record.at(kKey).value(kLeftOut, std::vector<std::string>())};
}

void write_selection(plan::Plan& plan, const Selection& selection) {
  auto record = nlohmann::ordered_json::parse(plan.record.empty() ? "{}" : plan.record);
  record[kKey] = json_of(selection);
  plan.record = record.dump();
}

}  // namespace lockstep::reconciler
