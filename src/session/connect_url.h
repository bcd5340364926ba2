// Parses a libpq URI or keyword string into options, and keeps its secrets out of messages.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lockstep::postgres {

using ConnectOptions = std::vector<std::pair<std::string, std::string>>;

// Adds Lockstep's time limits if neither the URL nor the environment sets them. Removes the options that libpq would send to
// the server while it connects (application name, client encoding), because behind a pooler they would stay on a server process
// of the application's. connect() sets both once it knows that the server process is its own.
// Throws UsageError whose message contains nothing of the URL: if a password contains a special character, libpq may take
// pieces of the password for a host, a port or a database.
ConnectOptions parse_url(const std::string& url);

// The message with every secret value replaced by "***" and without its trailing newline.
std::string without_secrets(std::string message, const ConnectOptions& options);

enum class Answer { none, not_yet, ready };  // not_yet: starting up or shutting down
Answer ask(const std::string& url);

}  // namespace lockstep::postgres
