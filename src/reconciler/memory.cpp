#include "reconciler/memory.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "plan/plan_file.h"
#include "postgres/embedded_server.h"
#include "postgres/process.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::reconciler {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{8} << 20U;  // some thousand answers

std::string written(const fs::path& path) {
  std::error_code ignored;
  return path.string() + ' ' + std::to_string(fs::last_write_time(path, ignored).time_since_epoch().count()) + '\n';
}

}  // namespace

std::string programs_digest(const Options& options) {
  std::string text;
  for (const auto& found : postgres::find_binaries(options.binaries)) {
    text += std::to_string(found.major) + ' ' + written(found.folder + "/postgres");
    const auto share = postgres::run({found.folder + "/pg_config", "--sharedir"}, {"", ::geteuid(), ::getegid()});
    if (share.status == 0) text += written(share.output.substr(0, share.output.find('\n')) + "/extension");
  }
  return support::sha256(text);
}

// What another server makes of the files may change there unseen: only the embedded one's programs are known.
Memory::Memory(const Sources& sources, const Options& options)
    : cache_(options.cache && options.shadow.where == postgres::Shadow::Where::embedded ? "answers" : "", kMostBytes) {
  if (!options.cache || options.shadow.where != postgres::Shadow::Where::embedded) return;
  sources_ = digest_of(sources);
  question_ = sources_ + ' ' + programs_digest(options) + (options.prove ? " proved" : "");
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
  if (!comparison.desired.stood_in.empty()) return;  // its warnings are to be said each time
  if (declared.digest != sources_) return;           // a file was changed since it was read here
  nlohmann::json json;
  json["plan"] = plan::to_json(comparison.plan);
  json["unmanaged"] = comparison.unmanaged;
  cache_.put(question_, comparison.live.state, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace lockstep::reconciler
