//! Writes the JavaScript and TypeScript bindings of the WebAssembly module (`wasm-bindgen` as a library).
//! Does not build the module and does not optimise it: tools/wasm.py does.

/// The version of `wasm-bindgen-cli-support` must be that of the module's `wasm-bindgen`.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (module, folder, node) = match &arguments[..] {
        [module, folder] => (module, folder, false),
        [module, folder, kind] if kind == "node" => (module, folder, true),
        _ => return Err("usage: xtask MODULE.wasm FOLDER [node]".into()),
    };
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(module)
        .typescript(true)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .nodejs(node)?
        .web(!node)?;
    Ok(bindgen.generate(folder)?)
}
