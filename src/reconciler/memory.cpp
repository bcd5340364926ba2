#include "reconciler/memory.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "elaborator/options.h"
#include "elaborator/programs.h"
#include "elaborator/sources.h"
#include "plan/plan_file.h"
#include "postgres/embedded_server.h"
#include "postgres/process.h"
#include "reconciler/comparison.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::reconciler {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{8} << 20U;  // several thousand results

}  // namespace

// What another server makes of the files may change unnoticed: only the embedded server's programs are known.
Memory::Memory(const elaborator::Sources& sources, const elaborator::Options& options)
    : cache_(options.cache && options.shadow.where == postgres::Shadow::Where::embedded ? "answers" : "", kMostBytes) {
  if (!options.cache || options.shadow.where != postgres::Shadow::Where::embedded) return;
  sources_ = elaborator::digest_of(sources);
  question_ = sources_ + ' ' + elaborator::programs_digest(options) + (options.prove ? " proved" : "");
  for (const auto& folder : options.binaries) question_ += ' ' + support::sha256(folder);
}

bool Memory::any() const {
  return cache_.any(question_);
}

std::optional<Remembered> Memory::recall(const std::string& state) const {
  if (state.empty()) return std::nullopt;
  const auto text = cache_.get(question_, state);
  if (!text) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(*text);
    Remembered answer{plan::from_json(json.at("plan").get<std::string>()), json.at("unmanaged").get<std::vector<std::string>>()};
    if (answer.plan.empty()) return answer;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const support::CommandError&) {
    return std::nullopt;
  }
  return std::nullopt;
}

void Memory::remember(const parser::Declared& declared, const Comparison& comparison) const {
  if (question_.empty() || comparison.live.state.empty() || !comparison.plan.empty()) return;
  if (!comparison.desired.stood_in.empty()) return;  // its warnings have to be shown each time
  if (declared.digest != sources_) return;           // a file was changed since it was read here
  nlohmann::json json;
  json["plan"] = plan::to_json(comparison.plan);
  json["unmanaged"] = comparison.unmanaged;
  cache_.put(question_, comparison.live.state, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace lockstep::reconciler
