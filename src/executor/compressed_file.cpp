// The zstd part of durable_file.h.
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <stdexcept>
#include <vector>

#include "executor/durable_file.h"
#include "executor/file_descriptor.h"
#include "support/digest.h"

namespace lockstep::executor {

namespace {

constexpr std::size_t kFrame = 8U << 20U;
constexpr int kLevel = 1;  // measured: the lock is held during compression, and higher levels save little

std::size_t checked(std::size_t result, const std::string& path) {
  if (ZSTD_isError(result)) throw std::runtime_error("zstd on " + path + ": " + ZSTD_getErrorName(result));
  return result;
}

}  // namespace

struct CompressedWriter::State {
  State(const Folder& in, std::string as)
      : folder(in), name(std::move(as)), temporary(name + ".tmp"), file(open_new()), context(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    out.resize(ZSTD_CStreamOutSize());
  }
  int open_new() const {
    folder.remove(temporary);
    return folder.create(temporary);
  }
  void push(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      left = checked(ZSTD_compressStream2(context.get(), &output, &input, directive), name);
      const std::string_view stored(out.data(), output.pos);
      stored_digest.update(stored);
      stored_bytes += static_cast<std::int64_t>(stored.size());
      write_all(file.get(), stored, folder.path() + "/" + name);
    } while (directive == ZSTD_e_end ? left != 0 : input.pos < input.size);
  }

  const Folder& folder;
  std::string name, temporary;
  Descriptor file;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context;
  std::vector<char> out;
  support::Sha256 raw_digest, stored_digest;
  std::int64_t raw_bytes = 0, stored_bytes = 0;
  std::size_t in_frame = 0;
  bool finished = false;
};

CompressedWriter::CompressedWriter(const Folder& folder, std::string name)
    : state_(std::make_unique<State>(folder, std::move(name))) {}

CompressedWriter::~CompressedWriter() {
  if (state_->finished) return;
  try {
    state_->folder.remove(state_->temporary);
  } catch (const std::exception&) {  // the next attempt recognises it by its name and removes it
  }
}

void CompressedWriter::write(std::string_view bytes) {
  state_->raw_digest.update(bytes);
  state_->raw_bytes += static_cast<std::int64_t>(bytes.size());
  state_->push(bytes, ZSTD_e_continue);
  state_->in_frame += bytes.size();
  if (state_->in_frame >= kFrame) {
    state_->push({}, ZSTD_e_end);
    state_->in_frame = 0;
  }
}

StoredSize CompressedWriter::finish() {
  state_->push({}, ZSTD_e_end);
  if (fsync(state_->file.get()) != 0) throw_errno("can't flush file " + state_->folder.path() + "/" + state_->name);
  state_->folder.publish(state_->temporary, state_->name);
  state_->finished = true;
  return {state_->raw_bytes, state_->stored_bytes, state_->raw_digest.hex(), state_->stored_digest.hex()};
}

struct CompressedReader::State {
  explicit State(const std::string& from) : path(from), file(from, false), context(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
    require_open(file, from);
    stored.resize(ZSTD_DStreamInSize());
    raw.resize(ZSTD_DStreamOutSize());
  }
  std::string path;
  support::PlainFile file;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context;
  std::vector<char> stored, raw;
  ZSTD_inBuffer input{nullptr, 0, 0};
  bool at_end = false;
  std::size_t left_in_frame = 0;
};

CompressedReader::CompressedReader(const std::string& path) : state_(std::make_unique<State>(path)) {}
CompressedReader::~CompressedReader() = default;

std::string CompressedReader::next() {
  State& s = *state_;
  for (;;) {
    if (s.input.pos == s.input.size && !s.at_end) {
      const ssize_t got = read(s.file.get(), s.stored.data(), s.stored.size());
      if (got < 0) throw_errno("can't read " + s.path);
      s.at_end = got == 0;
      s.input = {s.stored.data(), static_cast<std::size_t>(got), 0};
    }
    ZSTD_outBuffer output{s.raw.data(), s.raw.size(), 0};
    if (!s.at_end || s.left_in_frame != 0)
      s.left_in_frame = checked(ZSTD_decompressStream(s.context.get(), &output, &s.input), s.path);
    if (output.pos > 0) return std::string(s.raw.data(), output.pos);
    if (s.at_end) {
      if (s.left_in_frame != 0) throw std::runtime_error(s.path + " ends in the middle");
      return "";
    }
  }
}

}  // namespace lockstep::executor
