-- After `holdfast.pack_remove` with all parts: what the pack kept for itself.
drop function holdfast.pack_remove(text[]), holdfast.pack_finish(text, integer), holdfast.pack_prepare(text, text, text, integer),
  holdfast.pack_describe(text, text);
drop table holdfast.installed;
