#include "cli/report.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "fleet/rollout.h"
#include "support/plain_file.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

class JsonLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    const auto level = spdlog::level::to_string_view(message.level);
    nlohmann::ordered_json line;
    line["time"] = std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch()).count();
    line["level"] = std::string(level.data(), level.size());
    line["message"] = std::string(message.payload.data(), message.payload.size());
    const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string shown = support::visible_lines(text) + "\n";
    to.append(shown.data(), shown.data() + shown.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonLines>(); }
};

// Like JsonLines, with more fields.
std::string log_line(const char* level, const std::string& message, const nlohmann::ordered_json& more) {
  nlohmann::ordered_json line;
  line["time"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  line["level"] = level;
  line["message"] = message;
  for (const auto& [name, value] : more.items()) line[name] = value;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

class PlainLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& to) override {
    std::string text(message.payload.data(), message.payload.size());
    if (message.level == spdlog::level::warn) text = "warning: " + text;
    if (message.level >= spdlog::level::err) text = "error: " + text;
    text = support::visible_lines(text, true) + "\n";
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<PlainLines>(); }
};

}  // namespace

void show(const support::Diagnostics& diagnostics, const Console& console) {
  for (const support::Diagnostic& one : diagnostics.sorted()) {
    const bool error = one.severity == support::Severity::error;
    if (console.quiet && !error) continue;
    if (!console.json_log) {
      console.err(support::render(one));
      continue;
    }
    nlohmann::ordered_json more{
        {"code", one.code}, {"place", one.span.place()}, {"hint", one.hint}, {"notes", nlohmann::ordered_json::array()}};
    for (const auto& note : one.notes) more["notes"].push_back({{"message", note.message}, {"place", note.span.place()}});
    console.err(log_line(error ? "error" : "warning", one.message, more));
  }
}

void show_failure(const std::string& message, int exit_code, const Console& console) {
  if (console.json_log) {
    console.err(log_line("error", message, {{"exit_code", exit_code}}));
  } else {
    console.err(paint(console.colour_err, Style::red, "lockstep: ") + message + "\n");
  }
}

void settle(const support::Diagnostics& diagnostics, const Console& console) {
  show(diagnostics, console);
  fleet::refuse_errors(diagnostics);
}

void show_warning(const std::string& text, const Console& console) {
  console.err(console.json_log ? log_line("warning", text, {}) : text + "\n");
}

void show_unmanaged(const std::vector<std::string>& descriptions, const Console& console) {
  for (const std::string& one : descriptions)
    console.err(console.json_log ? log_line("info", "unmanaged: " + one, {}) : "unmanaged: " + support::visible(one) + "\n");
}

void start_log(const CommonOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("lockstep", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (options.log_format == "json") {
    logger->set_formatter(std::make_unique<JsonLines>());
  } else {
    logger->set_formatter(std::make_unique<PlainLines>());
  }
  logger->set_level(options.quiet ? spdlog::level::warn : options.verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void write_file(const std::string& path, const std::string& text) {
  support::replace_file(path, text);
}

void write_private_file(const std::string& path, const std::string& text) {
  support::replace_file(path, text, 0600);
}

}  // namespace lockstep::cli
