#include "support/digest.h"

#include <sodium.h>

#include <array>

#include "support/error.h"

namespace lockstep::support {

struct Sha256::State {
  crypto_hash_sha256_state hash;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (sodium_init() < 0) throw InternalError("libsodium cannot be initialised");
  crypto_hash_sha256_init(&state_->hash);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256_final(&state_->hash, digest.data());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> text;
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return std::string(text.data());
}

std::string sha256(std::string_view bytes) {
  Sha256 stream;
  stream.update(bytes);
  return stream.hex();
}

}  // namespace lockstep::support
