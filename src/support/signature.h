// Ed25519 signatures (libsodium). Keys and signatures are texts in base64.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::support {

struct KeyPair {
  std::string secret, open;  // 64 and 32 bytes
};

KeyPair new_key_pair();
// Throws UsageError if `secret` is no secret key.
std::string sign(std::string_view message, const std::string& secret);
std::string open_key_of(const std::string& secret);  // likewise
// False also for texts that are no key or no signature.
bool is_signed(std::string_view message, const std::string& signature, const std::string& open);

}  // namespace lockstep::support
