// A thread with its own connection that reports, while the working session runs a statement, who blocks it and how far an index
// build has got.
//
// Without `connect`, or if connecting fails, it reports nothing. All functions are called from the working thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "executor/executor.h"

namespace lockstep::executor {

class Watch {
 public:
  Watch(Dependencies& use, Output& output, std::string application);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // The statement is watched as long as an object of this class exists.
  class Scope {
   public:
    Scope(Watch& watch, const plan::Step& step) : watch_(watch) { watch_.begin(&step); }
    ~Scope() { watch_.begin(nullptr); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Watch& watch_;
  };
  std::string last_blockers();  // the last ones seen during the current or last step, in any attempt

 private:
  void begin(const plan::Step* step);
  void loop();
  void look(const plan::Step& step, std::chrono::milliseconds waited);
  void tell_build_progress(const plan::Step& step);

  Dependencies& use_;
  Output& output_;
  std::string application_;
  std::unique_ptr<postgres::Session> eyes_;  // used by the thread only
  bool blind_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  const plan::Step* step_ = nullptr;  // guarded by mutex_, as are the following
  const plan::Step* last_step_ = nullptr;
  unsigned scope_ = 0;  // counts begins, so that the thread notices a new one
  bool stop_ = false;
  std::string blockers_;
  std::thread thread_;
};

}  // namespace lockstep::executor
