// "40 min", "1 h 30 min", "7 h": as the scorecard writes it.
export function duration(minutes) {
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  return [hours && `${hours} h`, (rest || !hours) && `${rest} min`].filter(Boolean).join(' ')
}
