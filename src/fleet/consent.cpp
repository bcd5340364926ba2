#include "fleet/consent.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::fleet {

std::string consent_flag(const plan::Hazard& hazard) {
  return consent_flags({hazard});
}

std::string consent_flags(const std::vector<plan::Hazard>& hazards) {
  std::vector<std::string> items;
  for (const plan::Hazard& hazard : hazards) {
    std::string item = hazard.kind + ":" + hazard.object;
    const bool shown = support::visible(item) == item;  // otherwise a shell would be given invisible characters
    for (char& c : item) {
      const bool ascii = c >= ' ' && c <= '~';
      if (c == ',' || c == '\'' || (!shown && !ascii)) c = '?';  // a comma separates items of --allow; ? matches it
    }
    if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(std::move(item));
  }
  if (items.empty()) return {};
  const std::string all = fmt::format("{}", fmt::join(items, ","));
  const bool plain =
      all.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-,") == std::string::npos;
  return "--allow " + (plain ? all : "'" + all + "'");
}

void require_consent(const std::vector<plan::Hazard>& hazards, const plan::Consent& consent, const std::string& command,
                     const std::function<bool(const plan::Hazard&)>& accepts) {
  std::vector<plan::Hazard> missing;
  for (const plan::Hazard& hazard : hazards)
    if (!consent.covers(hazard) && !accepts(hazard)) missing.push_back(hazard);
  if (missing.empty()) return;
  std::vector<std::string> lines;
  for (const plan::Hazard& one : missing)
    lines.push_back(fmt::format("{}{}{} {}: {}", one.step, one.step.empty() ? "" : " ", one.kind, one.object, one.message));
  throw support::RefusedError(
      fmt::format("{} hazard{} without consent; nothing was changed:{}\nTo consent to {}, give {} this:\n  {}", missing.size(),
                  missing.size() == 1 ? "" : "s", support::listed(lines), missing.size() == 1 ? "it" : "all of them", command,
                  consent_flags(missing)));
}

}  // namespace lockstep::fleet
