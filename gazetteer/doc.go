// Package gazetteer decides about divisions (行政区划), places (地理实体) and their names (地名): what a code means, how a
// name is split and spelled, which rule it breaks, what a naming case may do next. It is pure: values in, values out.
// gazetteer/gazsql gathers the facts and records the decisions.
//
// It leans on internal/fault for errors and findings, on google/uuid for identities, on the Unihan database (tables made by
// internal/tables) for the standard's characters, their readings and strokes, on mozillazg/go-pinyin for the readings of
// characters outside the standard, on goccy/go-yaml for rule packs, whose errors say line and column.
//
// Why (2026-11-24):
//   - A code is never an identity. 500110 was 万盛区 until 2011 and is 綦江区 since; a division is a UUID that has codes for
//     spans of days, each in a code system with a source.
//   - A place is not its name. A place has names over time, of which at any day at most one per language is standard.
//   - Rules are rows. What is local (scopes, severities, word lists) is data in dated packs; code only knows how to compare.
//   - Class, derivation and history come before any substring (2026-11-29). A word counts where it is free: not within a generic
//     (江北国际机场站), not within a standing or former name of the county that the name is derived from (罗马坪小区), not where a
//     landform or a village is called so (罗马坪). A name in use is never forbidden for how it is made.
//   - What a person has to judge, a person judges: whether a name is that of somebody, a firm or a trademark is never settled by a
//     list. A rule that says "一般", "避免" yields to a reason; one that says "不应" does not.
//   - In a case that word is the deciding office's and never the applicant's (2026-11-29): who applied explains, which lets a name be
//     submitted; only a clearance lets it be approved. What is said stays, and a later word takes its place.
//   - A case is judged by the rules and words of the day of its acceptance, against the names of now: a rule that came later was not there
//     to be kept, a name that came first is there.
//   - A reading that nobody approved or audited says so (unverified), and its other readings travel with it.
//   - A reading is settled by evidence about place names, not by phrases of the language at large (2026-11-28): these read
//     水磨 and 卡子 otherwise than the places do. What the tables do not settle waits for a person.
//   - Who decides is a question of jurisdiction over a division on a day (2026-11-28, Lineage): over what lies below, and
//     over what ended and was succeeded. Part of a territory given away makes nobody a successor.
//   - A division is a legal unit (2026-11-28). Abolished and set up again as another kind (撤县设区) it is another division
//     with a link; renamed, moved below another or given another code it is the one it was. A change (DivisionChange) is
//     described as a file and decided as a whole against how divisions stood the day before; all it does takes effect on
//     one day. What only lists tell lies between two of their days and is marked so; a code that passes to another name
//     never makes one division of two.
//   - The law a name is kept under limits the kinds it may have, and the kind of an event the form of its citation
//     (2026-11-28). Both are dated tables (processes.csv, citations.csv), because much of them is from memory. A standard name
//     comes and goes by a decided case only; an error in one is corrected by an approver, and what was recorded is kept.
//   - Two records of one place stay two and are read as one: a census counted villages twice that way, and merging them would
//     lose one of two histories.
//   - An audit says what it could not look at (2026-11-28): a level without outlines or places without positions are findings
//     too, or silence would read as praise. A finding has a key made of what it is about as it stands, so that what a person
//     set aside stays so until that changes. What is in use is never forbidden: neither for how it is written nor by a rule
//     (2026-11-29), since names stay as they are (《地名管理条例》第四条) and a rule made later forces none to go. Repeats and
//     homophones are found as groups, once; the family of rules finds what those do not. Both rest on Check, so that an audit and
//     a check of one name cannot differ.
//   - A record is public, internal or secret (2026-11-28). Places and markers are graded; boundary lines are not: they are
//     made public by notice and detailed map (《行政区域界线管理条例》第四条), and so are divisions, with the places that
//     stand for them under the same name.
package gazetteer
