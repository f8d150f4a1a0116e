-- An import of lines or markers voids the reports that rest on them, whoever's they are.
create policy inspection_import on inspection using ((select acting_system()) = 'evidence.import');
create policy signature_import on inspection_signature for update using ((select acting_system()) = 'evidence.import');
