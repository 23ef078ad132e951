#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    aero2_fuzz::outside_url(bytes);
});
