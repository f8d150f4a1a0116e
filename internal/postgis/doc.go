// Package postgis is how Fangyu speaks to PostgreSQL with PostGIS: a pool whose connections know one geometry codec, the
// migrations, and following a notification channel without missing anything.
//
// It leans on jackc/pgx, jackc/tern, riverqueue/river (whose tables are migrated after ours) and on orb and go-geom for
// the values. It knows no domain word.
//
// Why (2026-11-24):
//   - One codec for two geometry libraries. orb reads Z and M silently wrong, go-geom is clumsy in 2D; pgx keeps one codec
//     per type, so one codec speaks both and refuses what would be lost.
//   - Simple-protocol and exec modes are refused at opening: they cannot encode geometry and fail only at the first row.
//   - For whom a transaction works (As, 2026-11-28) is said by settings local to it, never by the session: a pooled
//     connection that kept them would work for the last caller. It costs one round trip, which a batch makes one.
//   - A notification says "look again" and nothing more, so a lost one costs a moment and never a change.
package postgis
