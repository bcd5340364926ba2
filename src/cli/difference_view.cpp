#include "cli/difference_view.h"

#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/text.h"

namespace lockstep::cli {
namespace {

using catalog::Change;
using nlohmann::ordered_json;

constexpr std::size_t kValueLines = 12;

ordered_json value_json(const catalog::Value& value) {
  return std::visit(
      [](const auto& held) -> ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

std::string shown(const catalog::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return catalog::to_string(value);
}

// Short values on one line; a function's body as two blocks, cut where it gets long.
std::string attribute_text(const catalog::AttributeChange& change, const std::string& margin) {
  const std::string from = shown(change.from), to = shown(change.to);
  const std::string name(change.attribute);
  if (from.find('\n') == std::string::npos && to.find('\n') == std::string::npos && from.size() + to.size() < 160)
    return margin + name + ": " + from + " → " + to + "\n";
  std::string text = margin + name + ":\n";
  for (const auto& [mark, value] : {std::pair{"- ", &from}, std::pair{"+ ", &to}}) {
    const std::vector<std::string> lines = lines_of(*value);
    for (std::size_t i = 0; i < lines.size() && i < kValueLines; ++i) text += margin + "  " + mark + lines[i] + "\n";
    if (lines.size() > kValueLines) text += margin + "  " + mark + "… " + plural(lines.size() - kValueLines, "more line") + "\n";
  }
  return text;
}

}  // namespace

std::string differences_text(const std::vector<Change>& changes, std::size_t indent, bool colour) {
  std::string text;
  const std::string margin(indent, ' ');
  for (const Change& change : changes) {
    const bool added = change.what == Change::What::added, removed = change.what == Change::What::removed;
    const char* sign = added ? "+" : removed ? "-" : "~";
    const Style style = added ? Style::green : removed ? Style::red : Style::yellow;
    text += margin + paint(colour, style, sign) + " " + catalog::to_string(change.id) + "\n";
    for (const auto& attribute : change.attributes) text += attribute_text(attribute, margin + "    ");
  }
  return text;
}

ordered_json differences_json(const std::vector<Change>& changes, const DifferenceWords& words) {
  ordered_json list = ordered_json::array();
  for (const Change& change : changes) {
    const std::string_view word = change.what == Change::What::added     ? words.added
                                  : change.what == Change::What::removed ? words.removed
                                                                         : words.changed;
    ordered_json one = {
        {"change", word}, {"kind", change.id.kind->name}, {"path", change.id.path}, {"object", catalog::to_string(change.id)}};
    one["attributes"] = ordered_json::array();
    for (const auto& attribute : change.attributes)
      one["attributes"].push_back(
          {{"name", attribute.attribute}, {"from", value_json(attribute.from)}, {"to", value_json(attribute.to)}});
    list.push_back(std::move(one));
  }
  return list;
}

std::string json_text(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace lockstep::cli
