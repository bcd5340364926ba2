#include "session/connect_url.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "session/wire.h"
#include "support/error.h"

namespace lockstep::postgres {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw support::UsageError("the database URL cannot be read: " + why +
                            " (it is not shown, since it may hold a password). Write postgresql://user@host:port/database or "
                            "\"host=… dbname=…\"; special characters of a password are percent-encoded: @ %40, / %2F, : %3A, "
                            "? %3F, # %23, % %25");
}

bool is_uri(const std::string& url) {
  return url.rfind("postgresql://", 0) == 0 || url.rfind("postgres://", 0) == 0;
}

// An "@" after user:password@ is part of a password that isn't escaped.
void check_uri(const std::string& url) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t at = url.find('@', authority);
  const std::size_t slash = url.find('/', authority);
  const std::size_t query = url.find('?', authority);
  if (at == std::string::npos || at > query) return;
  if (slash < at && url.find(':', authority) < slash) refuse("there is a / before the @ that ends the password");
  const std::size_t second = url.find('@', at + 1);
  if (second != std::string::npos && second < query) refuse("it has more than one @");
}

void check_port(const std::string& port) {
  const bool fine = std::all_of(port.begin(), port.end(), [](char c) { return (c >= '0' && c <= '9') || c == ','; });
  if (!fine) refuse("the port is not a number");
}

bool told_to_the_server(std::string_view keyword) {
  return keyword == "application_name" || keyword == "fallback_application_name" || keyword == "client_encoding";
}

bool secret(const std::string& keyword) {
  return keyword == "password" || keyword == "sslpassword";
}

}  // namespace

ConnectOptions parse_url(const std::string& url) {
  if (url.empty()) refuse("it is empty");
  if (is_uri(url)) {
    check_uri(url);
  } else if (url.find('=') == std::string::npos) {
    refuse("it is neither a URI nor a list of keyword=value");
  }
  char* message = nullptr;  // contains parts of the URL, so it is not used
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), &message),
                                                                            &PQconninfoFree);
  PQfreemem(message);
  if (!parsed) refuse("it is not well-formed");

  // Long enough for a distant server, short enough not to hang on a host that drops packets.
  ConnectOptions options;
  const auto fallback = [&](const char* keyword, const char* value, const char* variable) {
    if (!variable || !std::getenv(variable)) options.emplace_back(keyword, value);
  };
  const std::string connect_timeout = std::to_string(std::min<std::int64_t>(15, network_timeout().count() / 1000));
  fallback("connect_timeout", connect_timeout.c_str(), "PGCONNECT_TIMEOUT");
  fallback("keepalives_idle", "10", nullptr);
  fallback("keepalives_interval", "5", nullptr);
  fallback("keepalives_count", "4", nullptr);
  fallback("tcp_user_timeout", "30000", nullptr);
  for (const PQconninfoOption* option = parsed.get(); option->keyword; ++option) {
    if (!option->val || told_to_the_server(option->keyword)) continue;
    if (std::string_view(option->keyword) == "port") check_port(option->val);
    options.emplace_back(option->keyword, option->val);
  }
  return options;  // if a keyword occurs twice, libpq uses the last
}

std::string without_secrets(std::string message, const ConnectOptions& options) {
  std::vector<std::string> secrets;
  for (const auto& [keyword, value] : options) {
    if (secret(keyword) && !value.empty()) secrets.push_back(value);
  }
  if (const char* password = std::getenv("PGPASSWORD"); password && *password) secrets.emplace_back(password);
  for (const std::string& value : secrets) {
    for (std::size_t at = message.find(value); at != std::string::npos; at = message.find(value, at + 3)) {
      message.replace(at, value.size(), "***");
    }
  }
  while (!message.empty() && message.back() == '\n') message.pop_back();
  return message;
}

Answer ask(const std::string& url) {
  switch (PQping(url.c_str())) {
    case PQPING_OK:
      return Answer::ready;
    case PQPING_REJECT:
      return Answer::not_yet;
    default:
      return Answer::none;
  }
}

}  // namespace lockstep::postgres
