#pragma once

#include <coroutine>
#include <utility>

#include "observatory/context.h"

// Coroutines that keep their context however often they suspend, and in whatever thread they go
// on. Derive the promise type from CoroutineContext and wrap its two suspension points:
//
//   struct promise_type : observatory::CoroutineContext {
//     auto initial_suspend() { return enter(std::suspend_always()); }
//     auto final_suspend() noexcept { return leave(std::suspend_always()); }
//     ...
//   };
//
// A coroutine begins with the context that was current when it was called. Scopes may be held
// across co_await. Thread-compatible, like the coroutine itself.

namespace observatory {

class CoroutineContext {
 public:
  CoroutineContext() : own_(Context::current()) {}

  template <typename A>
  auto enter(A awaiter) {
    return Initial<A>{this, std::move(awaiter)};
  }
  template <typename A>
  auto leave(A awaiter) noexcept {
    return Final<A>{this, std::move(awaiter)};
  }
  template <typename A>
  auto await_transform(A&& awaitable) {
    using Awaiter = decltype(AwaiterOf(std::forward<A>(awaitable)));
    return Switching<Awaiter>{this, AwaiterOf(std::forward<A>(awaitable))};
  }

 private:
  void Enter() noexcept { outside_ = Context::exchange(std::move(own_)); }
  void Leave() noexcept { own_ = Context::exchange(std::move(outside_)); }

  template <typename A>
  static decltype(auto) AwaiterOf(A&& awaitable) {
    if constexpr (requires { std::forward<A>(awaitable).operator co_await(); }) {
      return std::forward<A>(awaitable).operator co_await();
    } else if constexpr (requires { operator co_await(std::forward<A>(awaitable)); }) {
      return operator co_await(std::forward<A>(awaitable));
    } else {
      return std::forward<A>(awaitable);
    }
  }

  template <typename A>
  struct Initial {
    CoroutineContext* context;
    A awaiter;
    bool await_ready() { return awaiter.await_ready(); }
    template <typename H>
    auto await_suspend(H handle) {
      return awaiter.await_suspend(handle);
    }
    void await_resume() {
      context->Enter();
      awaiter.await_resume();
    }
  };

  template <typename A>
  struct Final {
    CoroutineContext* context;
    A awaiter;
    bool await_ready() noexcept {
      context->Leave();
      return awaiter.await_ready();
    }
    template <typename H>
    auto await_suspend(H handle) noexcept {
      return awaiter.await_suspend(handle);
    }
    void await_resume() noexcept { awaiter.await_resume(); }
  };

  template <typename A>
  struct Switching {
    CoroutineContext* context;
    A awaiter;
    bool suspended = false;
    bool await_ready() { return awaiter.await_ready(); }
    // The coroutine may be resumed elsewhere before this returns, so it leaves first.
    template <typename H>
    auto await_suspend(H handle) {
      suspended = true;
      context->Leave();
      return awaiter.await_suspend(handle);
    }
    decltype(auto) await_resume() {
      if (suspended) context->Enter();
      return awaiter.await_resume();
    }
  };

  Context own_, outside_;
};

}  // namespace observatory
