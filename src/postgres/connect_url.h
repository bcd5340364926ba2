// A libpq URI or keyword string as a list of options, and how to keep its secrets out of messages.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lockstep::postgres {

using ConnectOptions = std::vector<std::pair<std::string, std::string>>;

// With Lockstep's own time limits where neither the URL nor the environment sets them, and without what the server would
// be told to set while connecting (application name, client encoding): behind a pooler that would stay on a server process
// of the application's. connect() sets both once it knows that the server process is its own.
// Throws UsageError that shows nothing of the URL: a password with a special character in it makes libpq take pieces of
// the password for a host, a port or a database.
ConnectOptions parse_url(const std::string& url);

// The message with every secret value replaced by "***", without its trailing newline.
std::string without_secrets(std::string message, const ConnectOptions& options);

enum class Answer { none, not_yet, ready };  // not_yet: starting up or shutting down
Answer ask(const std::string& url);

}  // namespace lockstep::postgres
