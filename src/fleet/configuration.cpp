#include "fleet/configuration.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

namespace lockstep::fleet {
namespace {

using support::Diagnostics;
using support::Span;

struct Key {
  std::string_view name;
  std::function<void(const YAML::Node&)> read;  // null: documented but not implemented yet
};

class Reader {
 public:
  Reader(support::SourcePtr source, Diagnostics& diagnostics) : source_(std::move(source)), diagnostics_(diagnostics) {}

  Configuration document(const YAML::Node& root) {
    Configuration result;
    result.path = source_->name();
    result.approvers = beside("approvers");
    if (root.IsNull()) return result;
    mapping(root, "lockstep.yaml",
            {{"schema", [&](const YAML::Node& node) { result.schema = texts(node, "schema"); }},
             {"variables", [&](const YAML::Node& node) { result.variables = variables(node); }},
             {"shadow", [&](const YAML::Node& node) { shadow(node, result.shadow); }},
             {"shadow_timeout",
              [&](const YAML::Node& node) {
                std::chrono::milliseconds time{};
                duration(node, time);
                if (time.count() > 0) result.shadow_timeout = time;
              }},
             {"postgres",
              [&](const YAML::Node& node) {
                mapping(node, "postgres", {{"bindirs", [&](const YAML::Node& folders) {
                                              for (Located& folder : texts(folders, "bindirs"))
                                                result.binaries.push_back(std::move(folder.text));
                                            }}});
              }},
             {"approvers",
              [&](const YAML::Node& node) {
                if (auto value = text(node, "approvers")) result.approvers = beside(value->text);
              }},
             {"environments", [&](const YAML::Node& node) { environments(node, result.environments); }}});
    return result;
  }

  Span span(const YAML::Mark& mark, std::size_t length = 1) const {
    if (mark.pos < 0) return {};
    const std::size_t size = source_->text().size();
    const std::size_t begin = std::min(static_cast<std::size_t>(mark.pos), size);
    return {source_, begin, std::min(begin + length, size)};
  }

 private:
  void error(const char* code, std::string message, const YAML::Node& at, std::string hint = {}) {
    const std::size_t length = at.IsScalar() ? std::max<std::size_t>(at.Scalar().size(), 1) : 1;
    diagnostics_.error(code, std::move(message), span(at.Mark(), length), std::move(hint));
  }

  // The pairs name → value in file order, each once. Reports a node that isn't a mapping, a key that isn't a word, and a
  // repeated key.
  std::vector<std::pair<YAML::Node, YAML::Node>> pairs(const YAML::Node& node, std::string_view what) {
    std::vector<std::pair<YAML::Node, YAML::Node>> result;
    if (!node.IsMap()) {
      error("LS0905", fmt::format("{} must be a mapping (key: value)", what), node);
      return result;
    }
    std::set<std::string> seen;
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) {
        error("LS0905", fmt::format("a key of {} must be a word", what), pair.first);
      } else if (!seen.insert(pair.first.Scalar()).second) {
        error("LS0902", fmt::format("key \"{}\" is given twice in {}", pair.first.Scalar(), what), pair.first);
      } else {
        result.emplace_back(pair.first, pair.second);
      }
    }
    return result;
  }

  void mapping(const YAML::Node& node, std::string_view what, const std::vector<Key>& keys) {
    for (const auto& [name, value] : pairs(node, what)) {
      const auto known = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name.Scalar(); });
      if (known == keys.end()) {
        std::vector<std::string> names;
        for (const Key& key : keys) names.emplace_back(key.name);
        const std::string near = support::nearest(name.Scalar(), names);
        error("LS0903", fmt::format("unknown key \"{}\" in {}", name.Scalar(), what), name,
              near.empty() ? "known: " + fmt::format("{}", fmt::join(names, ", ")) : fmt::format("did you mean \"{}\"?", near));
      } else if (!known->read) {
        error("LS0904", fmt::format("\"{}\" in {} is not supported by this version of Lockstep", name.Scalar(), what), name,
              "remove the key: it would be ignored otherwise, and nothing here may be");
      } else {
        known->read(value);
      }
    }
  }

  std::optional<Located> text(const YAML::Node& node, std::string_view what) {
    if (!node.IsScalar() || node.Scalar().empty()) {
      error("LS0905", fmt::format("{} must be a text", what), node);
      return std::nullopt;
    }
    return Located{node.Scalar(), span(node.Mark(), node.Scalar().size())};
  }

  std::vector<Located> texts(const YAML::Node& node, std::string_view what) {
    std::vector<Located> result;
    if (!node.IsSequence()) {
      if (auto one = text(node, what)) result.push_back(std::move(*one));
      return result;
    }
    for (const YAML::Node& item : node)
      if (auto one = text(item, fmt::format("each item of {}", what))) result.push_back(std::move(*one));
    return result;
  }

  std::map<std::string, std::string> variables(const YAML::Node& node) {
    std::map<std::string, std::string> result;
    for (const auto& [name, value] : pairs(node, "variables"))
      if (auto one = text(value, fmt::format("variable \"{}\"", name.Scalar()))) result[name.Scalar()] = one->text;
    return result;
  }

  // A URL may consist of variables entirely. A text that isn't a URL is never shown, since it may be a mistyped URL with its
  // password.
  void shadow(const YAML::Node& node, Located& result) {
    auto value = text(node, "shadow");
    if (!value) return;
    const auto has = [&](const char* part) { return value->text.find(part) != std::string::npos; };
    if (value->text != "embedded" && value->text != "same-server" && !has("${") && !has("://") && !has("=")) {
      error("LS0905", "shadow must be embedded, same-server or the URL of a server", node);
      return;
    }
    result = std::move(*value);
  }

  void environments(const YAML::Node& node, std::vector<Environment>& result) {
    for (const auto& [name, body] : pairs(node, "environments")) {
      Environment one;
      one.name = name.Scalar();
      const bool url = environment(body, one);
      if (!url && body.IsMap()) error("LS0905", fmt::format("environment \"{}\" has no \"url\"", one.name), name);
      result.push_back(std::move(one));
    }
    for (const Environment& one : result) check_after(one, result);
  }

  bool environment(const YAML::Node& body, Environment& one) {
    const std::string what = fmt::format("environment \"{}\"", one.name);
    bool url = false, gated = false;
    mapping(body, what,
            {{"url",
              [&](const YAML::Node& node) {
                url = true;
                if (auto value = text(node, "url")) one.url = std::move(*value);
              }},
             {"variables", [&](const YAML::Node& node) { one.variables = variables(node); }},
             {"gates",
              [&](const YAML::Node& node) {
                gated = true;
                gates(node, one.gates);
              }},
             {"quiet", [&](const YAML::Node& node) { duration(node, one.quiet); }},
             {"hold", [&](const YAML::Node& node) { hold(node, one.hold); }},
             {"lock",
              [&](const YAML::Node& node) {
                mapping(node, "lock of " + what,
                        {{"timeout", [&](const YAML::Node& at) { duration(at, one.settings.lock_timeout); }},
                         {"retries", [&](const YAML::Node& at) { count(at, one.settings.lock_retries); }}});
              }},
             {"backfill",
              [&](const YAML::Node& node) {
                mapping(node, "backfill of " + what,
                        {{"batch_time", [&](const YAML::Node& at) { duration(at, one.settings.batch_time); }},
                         {"workers", [&](const YAML::Node& at) { workers(at, one.settings.backfill_workers); }},
                         {"max_replica_lag", [&](const YAML::Node& at) { duration(at, one.settings.max_replica_lag); }},
                         {"max_slot_lag", [&](const YAML::Node& at) { size(at, one.settings.max_slot_lag); }},
                         {"max_wal", [&](const YAML::Node& at) { size(at, one.settings.max_wal); }},
                         {"max_dead", [&](const YAML::Node& at) { percent(at, one.settings.max_dead); }}});
              }},
             {"backup",
              [&](const YAML::Node& node) {
                mapping(node, "backup of " + what,
                        {{"store",
                          [&](const YAML::Node& at) {
                            if (auto value = text(at, "store")) one.settings.backup_folder = beside(value->text);
                          }},
                         {"keep", [&](const YAML::Node& at) { keep(at, one.keep_backups); }},
                         {"rehearsed_within", [&](const YAML::Node& at) { keep(at, one.rehearsed_within); }},
                         {"also", [&](const YAML::Node& at) { commands(at, "also", one.backup_also); }}});
              }},
             {"databases", nullptr},
             {"discover", nullptr},
             {"after",
              [&](const YAML::Node& node) {
                if (auto value = text(node, "after")) one.after = std::move(*value);
              }},
             {"evidence",
              [&](const YAML::Node& node) {
                one.attested = node.IsScalar() && node.Scalar() == "attestation";
                if (!one.attested && !(node.IsScalar() && node.Scalar() == "journal"))
                  error("LS0905", "evidence must be journal or attestation", node);
                if (!body["after"]) error("LS0905", "evidence is about the environment that `after:` names; there is none", node);
              }},
             {"require",
              [&](const YAML::Node& node) {
                mapping(node, "require of " + what,
                        {{"branch",
                          [&](const YAML::Node& at) {
                            if (auto value = text(at, "branch")) one.required.branch = value->text;
                          }},
                         {"clean", [&](const YAML::Node& at) { flag(at, "clean", one.required.clean); }},
                         {"up_to_date", [&](const YAML::Node& at) { flag(at, "up_to_date", one.required.up_to_date); }},
                         {"approval", [&](const YAML::Node& at) { count(at, one.required.approvals); }}});
              }},
             {"confirm",
              [&](const YAML::Node& node) {
                one.confirm_name = node.IsScalar() && node.Scalar() == "name";
                if (!one.confirm_name) error("LS0905", "confirm can only be \"name\"", node);
              }},
             {"waves", nullptr},
             {"parallel", nullptr},
             {"online", nullptr},
             {"hooks",
              [&](const YAML::Node& node) {
                mapping(
                    node, "hooks of " + what,
                    {{"before", [&](const YAML::Node& at) { commands(at, "before", one.hooks.before); }},
                     {"after_expand", [&](const YAML::Node& at) { commands(at, "after_expand", one.hooks.after_expand); }},
                     {"at_gate", [&](const YAML::Node& at) { commands(at, "at_gate", one.hooks.at_gate); }},
                     {"after_contract", [&](const YAML::Node& at) { commands(at, "after_contract", one.hooks.after_contract); }},
                     {"after", [&](const YAML::Node& at) { commands(at, "after", one.hooks.after); }},
                     {"environment", [&](const YAML::Node& at) { names(at, "environment", one.hooks.environment); }}});
              }},
             {"protect", [&](const YAML::Node& node) {
                mapping(node, "protect of " + what,
                        {{"tables", [&](const YAML::Node& at) { commands(at, "tables", one.protection.tables); }},
                         {"drop", [&](const YAML::Node& at) {
                            if (at.IsScalar() && at.Scalar() == "deny") {
                              one.protection.deny_drops = true;
                            } else {
                              error("LS0905", "\"drop\" of protect can only be \"deny\"", at);
                            }
                          }}});
              }}});
    if (!gated) one.gates = !one.after.text.empty();
    return url;
  }

  // `after:` names another environment, and following it ends.
  void check_after(const Environment& one, const std::vector<Environment>& all) {
    std::set<std::string> seen = {one.name};
    for (const Environment* at = &one; !at->after.text.empty();) {
      const auto next =
          std::find_if(all.begin(), all.end(), [&](const Environment& other) { return other.name == at->after.text; });
      if (next == all.end()) {
        if (at == &one) diagnostics_.error("LS0905", fmt::format("no environment \"{}\"", at->after.text), at->after.span);
        return;
      }
      if (!seen.insert(next->name).second) {
        diagnostics_.error("LS0905", fmt::format("environment \"{}\" comes after itself", one.name), one.after.span);
        return;
      }
      at = &*next;
    }
  }

  void commands(const YAML::Node& node, std::string_view what, std::vector<std::string>& result) {
    for (Located& one : texts(node, what)) result.push_back(std::move(one.text));
  }

  // Names of variables of the process.
  void names(const YAML::Node& node, std::string_view what, std::vector<std::string>& result) {
    for (Located& one : texts(node, what)) {
      if (one.text.find_first_of("=${} ") == std::string::npos) {
        result.push_back(std::move(one.text));
      } else {
        diagnostics_.error("LS0905", fmt::format("each item of {} is the name of a variable, such as PAGERDUTY_TOKEN", what),
                           one.span);
      }
    }
  }

  // Paths in the file are relative to its folder, wherever the command runs.
  std::string beside(const std::string& path) const {
    return (std::filesystem::path(source_->name()).parent_path() / path).string();
  }

  void keep(const YAML::Node& node, std::optional<std::chrono::hours>& result) {
    result = node.IsScalar() ? age_of(node.Scalar()) : std::nullopt;
    if (!result) error("LS0905", "an age such as 12h, 30d or 8w is wanted here", node);
  }

  void gates(const YAML::Node& node, bool& result) {
    const std::string value = node.IsScalar() ? node.Scalar() : "";
    if (value != "on" && value != "off") error("LS0905", "gates must be on or off", node);
    result = value == "on";
  }

  void flag(const YAML::Node& node, std::string_view what, bool& result) {
    const std::string value = node.IsScalar() ? node.Scalar() : "";
    if (value != "true" && value != "false") error("LS0905", fmt::format("{} must be true or false", what), node);
    result = value == "true";
  }

  void hold(const YAML::Node& node, std::chrono::seconds& result) {
    const std::string value = node.IsScalar() ? node.Scalar() : "";
    const auto time = value == "none" ? std::chrono::seconds(0) : hold_of(value);
    if (!time) error("LS0905", "a time such as 30min, 24h or 7d is wanted here, or none", node);
    result = time.value_or(result);
  }

  void duration(const YAML::Node& node, std::chrono::milliseconds& result) {
    const auto time = time_of(node.IsScalar() ? node.Scalar() : "");
    if (!time) error("LS0905", "a time such as 200ms, 2s or 1min is wanted here", node);
    result = time.value_or(result);
  }

  void size(const YAML::Node& node, std::int64_t& result) {
    const auto bytes = size_of(node.IsScalar() ? node.Scalar() : "");
    if (!bytes) error("LS0905", "a size such as 512MB or 4GB is wanted here, or 0", node);
    result = bytes.value_or(result);
  }

  void percent(const YAML::Node& node, int& result) {
    const std::string value = node.IsScalar() ? node.Scalar() : "";
    int number = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    const std::string_view rest(end, value.data() + value.size() - end);
    if (failure != std::errc{} || number < 0 || (rest != "%" && (number != 0 || !rest.empty()))) {
      error("LS0905", "a share such as 20% is wanted here, or 0", node);
    } else {
      result = number;
    }
  }

  void workers(const YAML::Node& node, int& result) {
    count(node, result);
    if (result < 1) error("LS0905", "at least one session has to fill", node);
  }

  void count(const YAML::Node& node, int& result) {
    const std::string value = node.IsScalar() ? node.Scalar() : "";
    int number = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failure != std::errc{} || end != value.data() + value.size() || number < 0) {
      error("LS0905", "a number is wanted here", node);
    } else {
      result = number;
    }
  }

  support::SourcePtr source_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::string rule_of(const Environment& environment) {
  if (!environment.after.text.empty()) return "after";
  if (!environment.required.empty()) return "require";
  if (!environment.protection.empty()) return "protect";
  return environment.confirm_name ? "confirm" : "";
}

const Environment* Configuration::find(const std::string& name) const {
  const auto found =
      std::find_if(environments.begin(), environments.end(), [&](const Environment& one) { return one.name == name; });
  return found == environments.end() ? nullptr : &*found;
}

Configuration read_configuration(const support::SourcePtr& source, Diagnostics& diagnostics) {
  Reader reader(source, diagnostics);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(source->text()));
    if (documents.size() > 1)
      diagnostics.error("LS0901", "one YAML document is wanted, not several", reader.span(documents[1].Mark()));
    return reader.document(documents.empty() ? YAML::Node() : documents.front());
  } catch (const YAML::Exception& failure) {
    diagnostics.error("LS0901", failure.msg, reader.span(failure.mark));
    return {};
  }
}

std::string Configuration::folder() const {
  return std::filesystem::path(path).parent_path().string();
}

std::string Configuration::lock_path() const {
  return std::filesystem::path(path).replace_filename("lockstep.lock").string();
}

std::string expand(const Located& value, const Lookup& lookup, Diagnostics& diagnostics) {
  std::string result;
  std::size_t from = 0;
  while (true) {
    const std::size_t open = value.text.find("${", from);
    result += value.text.substr(from, open - from);
    if (open == std::string::npos) return result;
    const std::size_t close = value.text.find('}', open);
    if (close == std::string::npos) {
      diagnostics.error("LS0906", "\"${\" without its \"}\"", value.span);
      return result;
    }
    const std::string name = value.text.substr(open + 2, close - open - 2);
    const std::optional<std::string> found = lookup(name);
    if (!found)
      diagnostics.error("LS0906", fmt::format("variable \"{}\" is not set in the process environment", name), value.span,
                        fmt::format("export {}=… before running lockstep", name));
    result += found.value_or("");
    from = close + 1;
  }
}

}  // namespace lockstep::fleet
